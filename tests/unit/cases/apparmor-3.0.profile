# Ably sandbox: every process of a session runs under this. Written by ably.sandbox, changes are overwritten.
# No file rule allows what it does not name, and what is not allowed is refused and recorded, without "audit" as well.
# "audit deny" is for what must stay refused, and recorded, whatever else is ever allowed.

abi <abi/3.0>,

profile ably-sandbox flags=(attach_disconnected) {
  # The image is read-only: its own folders can be looked at, its secrets cannot.
  / r,
  /{bin,etc,home,lib,lib32,lib64,libx32,opt,sbin,srv,usr,var}/{,**} r,
  audit deny /etc/{shadow,gshadow,shadow-,gshadow-} rwkl,
  audit deny /{etc,usr}/**/{ssh_host_*_key,private/**} rwkl,

  # Machine code: libraries and addons where images keep them, never from a place that a session writes to.
  /{,usr/,usr/local/}lib{,32,64,x32}/**.{so,so.*,node} mr,
  # The first process, started from outside by the runtime's transition into this profile, which asks for no x.
  /.ably-pause mr,
  audit deny /.ably-pause x,

  # Programs stay in this profile: no-new-privileges forbids every transition.
  # A command line that begins with #!/usr/bin/env node is started from outside as well; the kernel maps env, and env
  # executes node. Nothing inside can execute env.
  /usr/bin/env mr,
  /usr/bin/node mrix,

  # What a session writes, as its own user only.
  owner /home/ably/.ably/{,**} rwkl,
  owner /tmp/{,**} rwkl,
  owner /dev/shm/{,**} rwkl,

  # The terminal, and devices without a state.
  /dev/{null,zero,full,random,urandom,tty} rw,
  /dev/pts/[0-9]* rw,

  # What Node asks the kernel for: limits, memory, processors, its own address space.
  /proc/{cpuinfo,loadavg,meminfo,stat,uptime,version} r,
  /proc/sys/vm/{max_map_count,overcommit_memory} r,
  owner /proc/[0-9]*/{cgroup,maps,stat,statm,status} r,
  owner /proc/[0-9]*/{fd,task}/ r,
  /sys/devices/system/cpu/{online,possible,present} r,
  /sys/fs/cgroup/{,**} r,

  # Connections, name resolution, and the question for the own addresses, which the C library asks by a netlink socket of
  # type raw. Raw sockets proper have other families and types, and none is here.
  network inet stream,
  network inet dgram,
  network inet6 stream,
  network inet6 dgram,
  network unix stream,
  network unix dgram,
  network netlink raw,

  # Among the session's own processes. Debian 13's runtimes have labels of their own, which stay on what they start.
  signal (send, receive) peer=ably-sandbox{,//&crun,//&runc},
  # From the engine, its runtimes and the host: a container that cannot be killed is the worst failure of a session's end.
  signal (receive) peer={unconfined,crun,runc},

  # Whatever else is ever allowed.
  audit deny /proc/{kcore,keys,key-users,kallsyms,kmsg,interrupts,timer_list,sched_debug,latency_stats} rwklmx,
  audit deny /proc/{sysrq-trigger,modules,slabinfo,vmallocinfo,pagetypeinfo,iomem,ioports} rwklmx,
  audit deny /proc/{acpi,asound,bus,fs,irq,scsi,tty}/{,**} rwklmx,
  audit deny /proc/** wklx,
  audit deny /proc/[0-9]*/{mem,auxv,environ,kstack,syscall,pagemap,clear_refs,attr/**} rwklmx,
  audit deny /sys/{firmware,kernel,module,power}/{,**} rwklmx,
  audit deny /sys/devices/virtual/powercap/{,**} rwklmx,
  audit deny /sys/** wklmx,
  audit deny /dev/{mem,kmem,port,kmsg,mqueue/**} rwklmx,
  audit deny capability,
  audit deny mount,
  audit deny remount,
  audit deny umount,
  audit deny pivot_root,
  audit deny ptrace,
  audit deny network inet raw,
  audit deny network inet6 raw,
  audit deny network packet,
  audit deny network alg,
  audit deny network vsock,
  audit deny network bluetooth,
}
