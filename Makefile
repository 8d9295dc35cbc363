# `make` lists the targets. Everything that a target needs is installed by it: Debian packages (as root or by sudo) and .venv.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

# Debian's own Python first: a pyenv shim may be there without the modules that a venv needs.
PYTHON ?= $(firstword $(wildcard /usr/bin/python3) python3)
SCENARIO ?=
LAB := PYTHONPATH=tests .venv/bin/python -m lab
COLLECTION := .cache/collections/ansible_collections/ably/sandbox

export PATH := $(CURDIR)/.venv/bin:$(PATH)
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
# Molecule's default place for scenarios of a collection is another one, and it warns about ours.
export MOLECULE_GLOB := molecule/*/molecule.yml
export PYTHONDONTWRITEBYTECODE := 1

# What mypy checks: all that runs on hosts, seen under the name by which it is imported there.
# Only folders that have Python in them; mypy takes an empty one for a mistake.
ON_HOSTS := $(sort $(dir $(wildcard plugins/module_utils/*/*.py plugins/modules/*.py)))
TYPED := $(addprefix $(COLLECTION)/,$(ON_HOSTS))

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | sort | expand -t 14

.PHONY: demo
demo: ready lab-packages ## from a fresh virtual machine to a session, with a transcript
	@tests/demo/run

.PHONY: test
test: ready lab-packages ## everything: lint, unit, sanity, integration, every molecule scenario
	@.venv/bin/python tests/run-all

.PHONY: test-unit
test-unit: ready ## fast tests, no virtual machine, one to two minutes
	@.venv/bin/pytest tests/unit -m 'not slow' -q

.PHONY: sanity
sanity: ready ## ansible-test's sanity tests; those that are to be ignored stand in tests/sanity
	@tests/sanity/run

.PHONY: lint
lint: ready ## style, types, Python 3.9, YAML, Ansible, shell
	ruff check --output-format concise
	ruff format --check --quiet || ruff format --diff --quiet
	mypy $(TYPED)
	PYTHONPATH=.cache/collections lint-imports --no-cache --no-logo
	vermin --quiet --no-tips --violations --target=3.9- $(ON_HOSTS)
	vermin --quiet --no-tips --violations --target=3.7- plugins/module_utils/_ansible/__init__.py
	yamllint --strict .
	ansible-lint -q
	antsibull-changelog lint
	antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=self .
	tests/shell-files | xargs --no-run-if-empty shellcheck --external-sources --source-path=SCRIPTDIR

.PHONY: format
format: ready ## rewrite the Python files in the project's style
	ruff check --fix
	ruff format

.PHONY: molecule
molecule: ready lab-packages ## one scenario: make molecule SCENARIO=name
	@test -n '$(SCENARIO)' || { echo 'make molecule SCENARIO=name, one of:'; ls -1 molecule/*/molecule.yml | cut -d/ -f2; exit 2; }
	molecule test -s '$(SCENARIO)'

.PHONY: long
long: ready ## the long runs: what each shows, and when it last passed
	@.venv/bin/python tests/run-long

long-%: ready lab-packages ## one long run, at most an hour; it goes on where it was interrupted
	@.venv/bin/python tests/run-long $*

.PHONY: lab-up
lab-up: ready lab-packages ## build (once) and start the virtual machine
	@$(LAB) up ready

.PHONY: lab-ssh
lab-ssh: ready ## a root shell in the virtual machine
	@$(LAB) ssh

.PHONY: lab-down
lab-down: ready ## stop the virtual machine; its images stay for the next time
	@$(LAB) down

.PHONY: build
build: ready ## the collection's archive, for ansible-galaxy collection install
	ansible-galaxy collection build --force --output-path build

.PHONY: golden
golden: ready ## write anew what the controls render; read the difference before you commit it
	rm -rf tests/unit/golden/rendered
	PYTHONPATH=.cache/collections .venv/bin/python tests/unit/golden/rendering.py tests/unit/golden/rendered

.PHONY: docs
docs: ready ## write anew the tables of variables in the roles' pages and docs/variables.md, from their argument specs
	@.venv/bin/python tests/docs/role_tables.py
	@PYTHONPATH=.cache/collections .venv/bin/python tests/docs/variable_page.py

.PHONY: lock
lock: venv ## renew requirements/dev.txt: newest versions, with hashes
	test -x .cache/lock/bin/uv || { $(PYTHON) -m venv .cache/lock; .cache/lock/bin/pip install -qq uv; }
	.cache/lock/bin/uv pip compile requirements/dev.in --output-file requirements/dev.txt --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --upgrade --quiet

.PHONY: clean
clean: ## remove everything that was made inside the checkout
	rm -rf .venv .cache .ansible build .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

.PHONY: ready
ready: dev-packages venv $(COLLECTION)

.PHONY: venv
venv: dev-packages .venv/.installed ## the locked development tools in .venv

.PHONY: dev-packages lab-packages
dev-packages:
	@requirements/install-debian requirements/debian-dev.txt
	@requirements/unpack-sshd
lab-packages:
	@requirements/install-newer-qemu
	@requirements/install-debian requirements/debian-lab.txt

# The packages come first, but are no reason to install again.
.venv/.installed: requirements/dev.txt | dev-packages
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, PYTHON=... names one")'
	@echo 'installing the development tools into .venv'
	@$(PYTHON) -m venv --clear .venv
	@.venv/bin/pip install -qq --disable-pip-version-check --require-hashes -r $<
	@touch $@

# Python and Ansible find the checkout under the collection's name.
$(COLLECTION):
	@mkdir -p $(@D)
	@ln -sfn ../../../.. $@
