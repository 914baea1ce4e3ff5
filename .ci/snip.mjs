// snip.mjs IN OUT NAME...: empties the functions of a WebAssembly module that have one of these
// names, and their closures.
//
// Other items defined inside them are kept: the compiler merges identical functions, and one of
// those may be the merged copy.
//
// Purpose: code that is never called, but that the compiler must keep because something takes its
// address. Once a function is empty and refers to nothing, later build steps can drop whatever only
// it used. A call of an emptied function traps, so every test that reaches one fails.
//
// The module must still have the linker's names (mangled, as rustc writes them) and relocations.
// The emptied functions keep their size, and their entries are removed from the list of
// relocations.
import { readFileSync, writeFileSync } from 'node:fs'

const [from, to, ...names] = process.argv.slice(2)
const closure = String.raw`28_\$u7b\$\$u7b\$closure\$u7d\$\$u7d\$`
const wanted = new RegExp(`\\d(${names.join('|')})(${closure})*17h[0-9a-f]{16}E$`)
const module = readFileSync(from)

/** Reads the module from an offset. */
class Reader {
  constructor(at) {
    this.at = at
  }
  byte() {
    return module[this.at++]
  }
  number() {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte()
      value += (byte & 127) * 2 ** shift
      if (byte < 128) return value
    }
  }
  text() {
    const length = this.number()
    return module.toString('utf8', this.at, (this.at += length))
  }
  limits() {
    const flags = this.byte()
    this.number()
    if (flags & 1) this.number()
  }
}

const IMPORT = 2
const CODE = 10
const sections = new Map()
for (let at = 8; at < module.length; ) {
  const reader = new Reader(at)
  const id = reader.byte()
  const size = reader.number()
  const section = { at, content: reader.at, end: reader.at + size }
  if (id === 0) {
    const name = reader.text()
    sections.set(name, { ...section, data: reader.at })
  } else {
    sections.set(id, section)
  }
  at = section.end
}
for (const name of [CODE, 'name', 'reloc.CODE']) if (!sections.has(name)) fail(`${from} has no section ${name}`)

function fail(why) {
  console.error(`snip: ${why}`)
  process.exit(1)
}

function countImportedFunctions() {
  const reader = new Reader(sections.get(IMPORT).content)
  let functions = 0
  for (let left = reader.number(); left > 0; left--) {
    reader.text()
    reader.text()
    const kind = reader.byte()
    if (kind === 0) {
      functions++
      reader.number()
    } else if (kind === 3) {
      reader.at += 2
    } else {
      if (kind === 1) reader.byte()
      reader.limits()
    }
  }
  return functions
}

/** Returns the indexes of the matching functions in the code section. */
function find() {
  const imported = countImportedFunctions()
  const found = new Set()
  const { data, end } = sections.get('name')
  const reader = new Reader(data)
  while (reader.at < end) {
    const kind = reader.byte()
    const size = reader.number()
    const next = reader.at + size
    if (kind === 1) {
      for (let left = reader.number(); left > 0; left--) {
        const index = reader.number()
        if (wanted.test(reader.text()) && index >= imported) found.add(index - imported)
      }
    }
    reader.at = next
  }
  return found
}

/** Empties the functions. Returns their byte ranges in the code section, counted as relocations count. */
function empty(functions) {
  const { content } = sections.get(CODE)
  const reader = new Reader(content)
  const emptied = []
  const count = reader.number()
  for (let place = 0; place < count; place++) {
    const size = reader.number()
    const begin = reader.at
    reader.at += size
    if (!functions.has(place)) continue
    // No locals, `unreachable`, filled up with `nop`, `end`.
    module.fill(0x01, begin, begin + size)
    module.set([0x00, 0x00], begin)
    module.set([0x0b], begin + size - 1)
    emptied.push([begin - content, reader.at - content])
  }
  return emptied
}

/** Types of relocations with an addend, from the WebAssembly tool conventions for linking. */
const WITH_ADDEND = new Set([3, 4, 5, 8, 9, 11, 14, 15, 16, 17, 21, 22, 23, 25])

/** Returns the `reloc.CODE` section without the entries in the emptied ranges. Both are sorted by offset. */
function relocations(emptied) {
  const { data, end } = sections.get('reloc.CODE')
  const reader = new Reader(data)
  const target = reader.number()
  const kept = []
  let next = 0
  for (let left = reader.number(); left > 0; left--) {
    const begin = reader.at
    const type = reader.byte()
    const place = reader.number()
    reader.number()
    if (WITH_ADDEND.has(type)) reader.number()
    while (next < emptied.length && emptied[next][1] <= place) next++
    if (next === emptied.length || place < emptied[next][0]) kept.push(module.subarray(begin, reader.at))
  }
  if (reader.at !== end) fail(`the relocations of ${from} cannot be read`)
  const name = Buffer.from('reloc.CODE')
  const content = Buffer.concat([number(name.length), name, number(target), number(kept.length), ...kept])
  return Buffer.concat([Buffer.from([0]), number(content.length), content])
}

function number(value) {
  const bytes = []
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128)
  return Buffer.from([...bytes, value])
}

const found = find()
if (found.size === 0) fail(`no function of ${from} is called like ${names.join(', ')}; has it lost its names?`)
const relocated = relocations(empty(found))
const { at, end } = sections.get('reloc.CODE')
writeFileSync(to, Buffer.concat([module.subarray(0, at), relocated, module.subarray(end)]))
console.log(`snip: ${found.size} functions emptied`)
