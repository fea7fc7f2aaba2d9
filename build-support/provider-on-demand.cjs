// Node.js loads this before jsii (build-support/infra). The index of the AWS provider's package requires all of its 2,135
// modules, 247 MB of JavaScript; a synthesis needs a dozen. Whatever the index requires is loaded when something of it is
// first asked for: infra/iac.py does the same on the Python side.
"use strict";
const Module = require("node:module");

const INDEX = /[\\/]provider-aws[\\/](.+[\\/])?lib[\\/]index\.js$/;
const load = Module._load;

function onDemand(request, parent) {
  return new Proxy({}, { get: (_, name) => load(request, parent, false)[name] });
}

Module._load = (request, parent, isMain) =>
  INDEX.test(parent?.filename) ? onDemand(request, parent) : load(request, parent, isMain);
