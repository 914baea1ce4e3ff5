// snip.mjs IN OUT NAME...: empties the functions of a WebAssembly module that are called like one of these, and their closures.
//
// Not what else is defined inside them: the compiler keeps one of several functions that are alike, and it may be that one.
//
// For code that is never called but that the compiler has to keep, because something takes its address: once it is empty and
// refers to nothing, what only it needs can be dropped. A call of an emptied function ends the program, so that no test can
// miss it.
//
// The module is one that the linker left with its names (mangled, as rustc writes them) and its relocations: the emptied
// functions keep their size, and what was referred to in them is taken out of the list of relocations.
import { readFileSync, writeFileSync } from 'node:fs'

const [from, to, ...names] = process.argv.slice(2)
const closure = String.raw`28_\$u7b\$\$u7b\$closure\$u7d\$\$u7d\$`
const wanted = new RegExp(`\\d(${names.join('|')})(${closure})*17h[0-9a-f]{16}E$`)
const module = readFileSync(from)

/** Reads a module from a place on. */
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

/** The wanted functions, by their place in the code. */
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

/** Empties them; where in the code they are, as the relocations count. */
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
    // No locals, `unreachable`, `nop` as often as it takes, `end`.
    module.fill(0x01, begin, begin + size)
    module.set([0x00, 0x00], begin)
    module.set([0x0b], begin + size - 1)
    emptied.push([begin - content, reader.at - content])
  }
  return emptied
}

/** The types of relocations that have an addend, from the tool conventions of WebAssembly's linking. */
const WITH_ADDEND = new Set([3, 4, 5, 8, 9, 11, 14, 15, 16, 17, 21, 22, 23, 25])

/** The section of the code's relocations, without those in what was emptied. Both are in the order of their places. */
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
