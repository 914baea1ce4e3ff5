// snip.mjs IN OUT NAME...: empties the functions of a WebAssembly module that are called like one of these, and their closures.
//
// Not what else is defined inside them: the compiler keeps one of several functions that are alike, and it may be that one.
//
// For code that is never called but that the compiler has to keep, because something takes its address: once it is empty,
// wasm-opt can drop all that only it needs. A call of an emptied function ends the program, so that no test can miss it.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

// The npm packages of the project are in end2end/.
const require = createRequire(new URL('../end2end/', import.meta.url))
const { default: binaryen } = await import(require.resolve('binaryen'))

const [from, to, ...names] = process.argv.slice(2)
const wanted = new RegExp(`::(${names.join('|')})(::{{closure}})*(::h[0-9a-f]{16})?$`)
const module = binaryen.readBinary(readFileSync(from))
let emptied = 0
for (let index = 0; index < module.getNumFunctions(); index++) {
  const found = module.getFunctionByIndex(index)
  const { name, module: imported } = binaryen.getFunctionInfo(found)
  if (!imported && wanted.test(name)) {
    binaryen.Function.setBody(found, module.unreachable())
    emptied++
  }
}
if (emptied === 0) {
  console.error(`snip: no function of ${from} is called like ${names.join(', ')}; has it lost its names?`)
  process.exit(1)
}
writeFileSync(to, module.emitBinary())
console.log(`snip: ${emptied} of ${module.getNumFunctions()} functions emptied`)
