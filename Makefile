# 对接 duijie: every command a newcomer needs; «make» alone prints them.
# Needs Python ≥ 3.11 and make, nothing else. With uv on the path the environment is built faster.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# The suite and the demonstration start hundreds of programs: none of them compiles the sources anew.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
PY := $(VENV)/bin/python
RUNTIME := $(VENV)/.runtime-installed
TESTING := $(VENV)/.testing-installed
BUILD_TOOLS := hatchling>=1.27 editables>=0.5
UV := $(shell command -v uv 2>/dev/null)
ARGS ?=

# The newest Python that is new enough and really starts (a version manager may leave dead names).
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3.14 python3 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& command -v "$$name" && break; done)

.PHONY: help up test fuzz proofs lint types types-linux types-win32 types-darwin imports wheel generators audit bench bench-peer env env-test lock clean

help: ## 显示本说明 / print this help
	@echo '用法 / usage: make TARGET [ARGS="..."]'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

up: env ## 全部启动并演示一遍 / start everything and show it at work: ARGS="--count 200"
	@$(PY) -m duijie up $(ARGS)

# Many tests wait for programs they started, so three workers keep two cores busy. A worker has
# ports, folders and databases of its own; WORKERS=0 runs everything in one process.
WORKERS ?= 3

test: env-test ## 运行全部测试 / run the whole test suite: ARGS="-k deadline" WORKERS=0
	@sh tests/support/install_browser.sh
	$(PY) -m pytest -q -n $(WORKERS) --dist worksteal $(ARGS)

# The same test as in the suite, with more examples and another seed each time; SEED=… repeats a run.
EXAMPLES ?= 500
ANSWERS ?= 5000
RECORDS ?= 1000
SEED ?= $(shell date +%s)

fuzz: env-test ## 随机调用、恶意响应、极限记录 / random calls, hostile answers, extreme records: ANSWERS=20000 RECORDS=5000
	DUIJIE_FUZZ_EXAMPLES=$(EXAMPLES) DUIJIE_FUZZ_ANSWERS=$(ANSWERS) DUIJIE_FUZZ_RECORDS=$(RECORDS) DUIJIE_FUZZ_SEED=$(SEED) \
		$(PY) -m pytest -q tests/contract/fuzz tests/integration/gateway/hostile \
		tests/integration/gateway/extreme tests/integration/flows/test_extreme_records.py $(ARGS)

# Slow, since every proof is run again: an hour on a busy machine, ARGS="NAT-08 HNG-06" for some rows.
proofs: env-test ## 需求表逐条拿掉实现，看证明变红 / plant the absence of each clause: ARGS="NAT-08"
	@$(PY) -m tests.support.planted_absences $(ARGS)

# The second rule, that text names its encoding, is not among ruff's stable ones yet.
lint: env-test ## 代码风格与格式 / style and format
	$(PY) -m ruff check .
	$(PY) -m ruff check --preview --select PLW1514 .
	$(PY) -m ruff format --check .

types: env-test ## 严格类型检查，含 Windows、macOS / strict types, for Windows and macOS too
	@$(MAKE) --jobs 2 --output-sync=target types-linux types-win32 types-darwin

# One cache a system, which is remade where another system was checked with it. The tests need Linux.
PRODUCT := portable schemas storage transport contracts gateway simulator duijie bench

types-linux types-win32 types-darwin: types-%: env-test
	$(PY) -m mypy --platform $* --cache-dir .mypy_cache/$* $(addprefix -p ,$(PRODUCT) $(if $(filter linux,$*),tests))

imports: env-test ## 分层约束 / who may import whom
	$(PY) -c 'from importlinter.cli import lint_imports_command as run; run()' --no-logo

wheel: env-test ## 做出 wheel，按锁装进空环境，在别处运行 / build the wheel, install it by the lock, run it elsewhere
	$(PY) -m pytest -q -n 0 -m wheel tests/system/test_wheel.py $(ARGS)

# The tools are pinned in tests/generators/ and installed there alone; Node and a JDK are the machine's.
GENERATOR_TOOLS := var/generators

generators: env-test ## 由接口约定生成代码、编译、读入示例 / generate code from the contract, compile it, read our examples
	@sh tests/generators/install.sh $(GENERATOR_TOOLS) "$(PYTHON)"
	$(PY) -m pytest -q -n 0 -m generators tests/generators $(ARGS)

# The tool gets an environment of its own; where it cannot be installed, the audit says that it is skipped.
AUDIT_TOOL := var/audit-tool

audit: env-test ## 依赖审计 / the locked packages against published advisories
	@test -x $(AUDIT_TOOL)/bin/pip-audit || { "$(PYTHON)" -m venv --clear $(AUDIT_TOOL) && \
		timeout 180 $(AUDIT_TOOL)/bin/pip install --quiet --disable-pip-version-check pip-audit; } || true
	@$(PY) -m tests.support.dependency_audit $(AUDIT_TOOL)/bin/pip-audit

bench: env ## 性能指标与同机上限 / the figures, each beside its limit
	@$(PY) -m duijie bench $(ARGS)

# The peer is pinned in bench/peer/ and installed there alone; nothing of it enters our own environment.
PEER := var/bench-peer

bench-peer: env ## 与同类软件同机比较（B3）/ B3 beside its peer, the NHS MESH sandbox, in an environment of its own
	@sh bench/peer/install.sh $(PEER) "$(PYTHON)"
	@$(PY) -m duijie bench --only B3 $(ARGS)

env: $(RUNTIME) ## 准备运行环境 / environment to run in (.venv)

env-test: $(TESTING) ## 准备测试环境 / environment to test in (.venv)

$(PY):
	@if [ -z "$(PYTHON)" ]; then \
		echo '错误：没有可用的 Python 3.11 或更新版本。请先安装，或用 make PYTHON=/路径/python3 指定。' >&2; \
		echo 'error: no working Python >= 3.11; install one, or name it: make PYTHON=/path/to/python3' >&2; \
		exit 1; \
	fi
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo '错误：$(PYTHON) 不能运行，或低于 3.11。' >&2; \
		echo 'error: $(PYTHON) does not run, or is older than 3.11' >&2; exit 1; }
	@echo '正在用 $(PYTHON) 创建环境 / creating the environment with $(PYTHON)'
ifneq ($(UV),)
	@"$(UV)" venv --quiet --clear --python "$(PYTHON)" $(VENV)
else
	@"$(PYTHON)" -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo '错误：无法创建虚拟环境；Debian/Ubuntu 请先 apt-get install python3-venv。' >&2; \
		echo 'error: no virtual environment; on Debian/Ubuntu: apt-get install python3-venv' >&2; \
		exit 1; }
endif

# $(call install,LOCK): exactly what the lock lists, checked by hash, then the project itself.
ifneq ($(UV),)
PIP := "$(UV)" pip install --quiet --python $(PY)
else
PIP := $(PY) -m pip install --quiet --disable-pip-version-check
endif
define install
	@echo '正在按 $(1) 安装，仅首次需要 / installing $(1), only once'
	@$(if $(UV),true,$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip)
	@$(PIP) --require-hashes -r $(1)
	@$(PIP) --no-deps --no-build-isolation --no-index --editable .
endef

$(RUNTIME): requirements.lock pyproject.toml $(PY)
	$(call install,requirements.lock)
	@touch $@

$(TESTING): requirements-test.lock pyproject.toml $(PY)
	$(call install,requirements-test.lock)
	@touch $(RUNTIME) $@

# Pins change only with ARGS=--upgrade; both locks agree because the second is held to the first.
# Hashes must be those of the public registry: no private or local package folders while locking.
LOCK_TOOL := var/lock-tool
COMPILE = env -u UV_EXTRA_INDEX_URL -u UV_INDEX -u UV_FIND_LINKS "$$uv" --no-config pip compile --quiet \
	--universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate $(ARGS)

lock: ## 重新锁定依赖 / lock the dependencies again: ARGS=--upgrade
	@set -e; uv="$(UV)"; if [ -z "$$uv" ]; then \
		"$(PYTHON)" -m venv $(LOCK_TOOL); $(LOCK_TOOL)/bin/pip install --quiet uv; \
		uv=$(LOCK_TOOL)/bin/uv; fi; \
	printf '%s\n' $(foreach tool,$(BUILD_TOOLS),'$(tool)') | \
		$(COMPILE) --extra pg --extra fast --extra xlsx --extra mysql pyproject.toml - --output-file requirements.lock; \
	printf '%s\n' $(foreach tool,$(BUILD_TOOLS),'$(tool)') | \
		$(COMPILE) --all-extras --constraint requirements.lock pyproject.toml - \
		--output-file requirements-test.lock; \
	$(COMPILE) tests/generators/requirements.in --output-file tests/generators/requirements.lock; \
	$(COMPILE) bench/peer/requirements.in --output-file bench/peer/requirements.lock

clean: ## 删除环境与缓存，保留 var/ / delete environment and caches, keep var/
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
