#!/bin/sh
# Installs the web app's packages from its lock file. npm 10 does not resolve the optional native parts of the bundler, so an older
# npm runs npm 11 for this one step.
set -eu
cd "$(dirname "$0")/../web"
major=$(npm --version | cut -d. -f1)
if [ "$major" -ge 11 ]; then
	npm ci --no-audit --no-fund --loglevel=error
else
	npm exec --yes --package=npm@11 -- npm ci --no-audit --no-fund --loglevel=error
fi
