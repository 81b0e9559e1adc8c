# Doors for whoever works on the source. `make` alone opens the product on a fresh machine.

.DEFAULT_GOAL := run
.PHONY: run test check demo bench fuzz crash soak pictures lighthouse release
.DELETE_ON_ERROR:

# Pages say that what they show is for practice.
run demo: export TRIPSEAL_DEMO = 1

run: var/static/staticfiles.json
	@scripts/run.sh

# Empties a demonstration database and fills it again; any other is refused.
demo: .venv/runtime
	@scripts/ready.sh
	@.venv/bin/python manage.py demo

test: .venv/dev node_modules/installed
	@scripts/test.sh

check: .venv/dev node_modules/installed
	@scripts/check.sh

bench: .venv/dev node_modules/installed
	@bench/run

# Five minutes for each reader; what it learned is kept in build/fuzz. Then every bit of 2,000
# tokens, flipped alone.
fuzz: .venv/dev
	@scripts/fuzz.sh -max_total_time=300
	@.venv/bin/python -m tests.fuzz.whole

# A hundred sudden deaths of sequencer, application and database under load; minutes.
crash: .venv/dev
	@scripts/crash.sh 100

# A phone that is killed and cut off two hundred times: none lost, none doubled.
soak: .venv/dev
	@.venv/bin/python -m tests.browser.soak

# Every page in both languages and themes, small and large, into build/shots.
pictures: .venv/dev
	@.venv/bin/python -m pytest tests/browser/test_pages.py -n 2 --pictures

# The touch page as Lighthouse sees it, five loads; needs what bench/lighthouse names.
lighthouse: .venv/dev bench/lighthouse/node_modules/installed
	@.venv/bin/python -m bench.pages

bench/lighthouse/node_modules/installed: bench/lighthouse/package.json bench/lighthouse/package-lock.json
	@cd bench/lighthouse && npm ci --ignore-scripts --silent
	@touch $@

# The verifier as one file and as one page, with their hashes: the same bytes on every machine.
release: node_modules/installed
	@python3 scripts/release.py

# Each file below is the mark of a step that need not be done again.
.venv/runtime: requirements.txt
	@scripts/setup.sh requirements.txt
	@touch $@

.venv/dev: requirements.txt requirements-dev.txt
	@scripts/setup.sh requirements-dev.txt
	@touch $@ .venv/runtime

node_modules/installed: package.json package-lock.json
	@scripts/node.sh
	@touch $@

var/static/staticfiles.json: .venv/runtime $(shell find static -type f)
	@mkdir -p -m 700 var
	@.venv/bin/python manage.py collectstatic --noinput --clear --verbosity 0
