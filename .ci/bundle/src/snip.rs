//! Empties functions that are never called, but that the compiler must keep because something takes their address.
//!
//! Once a function is empty and refers to nothing, the later steps can drop whatever only it used. See docs/decisions/0011.
//!
//! LLVM merges identical functions, and the copy that is left may have one of the names. So a direct call from a function that is
//! in use stops the build; an indirect call traps.
//!
//! The module must still have its symbol names, as rustc writes them, and its relocations. Emptied functions keep their size;
//! their relocations are removed.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::ops::Range;

use wasmparser::{
    BinaryReader, ElementItems, ExternalKind, KnownCustom, Name, Parser, Payload, RelocSectionReader, RelocationEntry,
    RelocationType, TypeRef,
};

/// The parts of a module that `snip` uses. Ranges are offsets in its bytes.
#[derive(Default)]
struct Module<'a> {
    imported_functions: usize,
    names: HashMap<usize, &'a str>,
    /// Functions that are exported or in the table of functions.
    held: HashSet<usize>,
    /// Start of the content of the code section, from which relocations count.
    code: usize,
    bodies: Vec<Range<usize>>,
    /// The section with the code's relocations, from its header on, and its content.
    relocations: Option<(Range<usize>, RelocSectionReader<'a>)>,
}

/// Returns the module with all functions emptied that have one of these names, their closures and coroutines included, and the
/// number of these functions. Other items defined inside them are kept: the compiler merges identical functions, and one of
/// those may be the merged copy.
///
/// # Errors
/// Returns an error if there is no such function, if one is called by a function that is in use, or if the module cannot be read.
pub fn snip(module: &[u8], names: &[String]) -> Result<(Vec<u8>, usize), Box<dyn Error>> {
    let read = Module::read(module)?;
    let emptied: HashSet<usize> = (0..read.bodies.len())
        .filter(|body| read.name(*body).is_some_and(|symbol| names.iter().any(|name| is_named(symbol, name))))
        .collect();
    if emptied.is_empty() {
        return Err(format!("no function is called like {}; has the module lost its names?", names.join(", ")).into());
    }
    let (section, relocations) = read.relocations.as_ref().ok_or("the code has no relocations")?;

    let mut kept = Vec::new();
    let mut count = 0;
    // Functions that a kept function calls directly, with the callers.
    let mut calls = Vec::new();
    for (entry, place) in entries(relocations)? {
        let at = read.code + entry.offset as usize;
        let body = read.bodies.partition_point(|body| body.end <= at);
        if emptied.contains(&body) {
            continue;
        }
        kept.extend_from_slice(&module[place]);
        count += 1;
        if entry.ty == RelocationType::FunctionIndexLeb {
            calls.push((read.imported_functions + body, BinaryReader::new(&module[at..], 0).read_var_u32()? as usize));
        }
    }
    let called: HashSet<usize> = calls.iter().map(|(_, called)| *called).collect();
    for (caller, called_function) in &calls {
        let name = |function| demangle(read.names.get(function).copied().unwrap_or_default());
        let in_use = read.held.contains(caller) || called.contains(caller);
        // The entry of a boxed closure is in the table. It calls nothing but that closure.
        let is_entry = || name(caller).ends_with("{{vtable.shim}}") || name(caller).contains("{shim:vtable#");
        let is_emptied =
            called_function.checked_sub(read.imported_functions).is_some_and(|body| emptied.contains(&body));
        if is_emptied && in_use && !is_entry() {
            return Err(format!("{} calls {}, which was to be emptied", name(caller), name(called_function)).into());
        }
    }

    let mut out = module.to_vec();
    for body in emptied.iter().map(|body| read.bodies[*body].clone()) {
        // No locals, `unreachable`, filled up with `nop`, `end`.
        out[body.clone()].fill(0x01);
        out[body.start..body.start + 2].fill(0x00);
        out[body.end - 1] = 0x0b;
    }
    let mut content = custom_name("reloc.CODE");
    content.extend(leb(relocations.section_index() as usize));
    content.extend(leb(count));
    content.extend(kept);
    let replacement: Vec<u8> = [0].into_iter().chain(leb(content.len())).chain(content).collect();
    out.splice(section.clone(), replacement);
    Ok((out, emptied.len()))
}

impl<'a> Module<'a> {
    fn read(module: &'a [u8]) -> Result<Self, Box<dyn Error>> {
        let mut read = Self::default();
        let mut end = 8;
        for payload in Parser::new(0).parse_all(module) {
            let payload = payload?;
            let header = end;
            if let Some((_, range)) = payload.as_section() {
                end = range.end as usize;
            }
            match payload {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        read.imported_functions += usize::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export?;
                        if export.kind == ExternalKind::Func {
                            read.held.insert(export.index as usize);
                        }
                    }
                }
                Payload::ElementSection(segments) => {
                    for segment in segments {
                        let ElementItems::Functions(functions) = segment?.items else { continue };
                        for function in functions {
                            read.held.insert(function? as usize);
                        }
                    }
                }
                Payload::CodeSectionStart { range, .. } => read.code = range.start as usize,
                Payload::CodeSectionEntry(body) => {
                    let range = body.range();
                    read.bodies.push(range.start as usize..range.end as usize);
                }
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Name(names) => {
                        for part in names {
                            let Name::Function(functions) = part? else { continue };
                            for naming in functions {
                                let naming = naming?;
                                read.names.insert(naming.index as usize, naming.name);
                            }
                        }
                    }
                    KnownCustom::Reloc(relocations) if section.name() == "reloc.CODE" => {
                        read.relocations = Some((header..end, relocations));
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        Ok(read)
    }

    /// Returns the symbol of the function with the body of this number.
    fn name(&self, body: usize) -> Option<&'a str> {
        self.names.get(&(self.imported_functions + body)).copied()
    }
}

/// Returns each relocation with its place in the module.
fn entries(section: &RelocSectionReader) -> Result<Vec<(RelocationEntry, Range<usize>)>, Box<dyn Error>> {
    let read = section.entries().into_iter_with_offsets().collect::<Result<Vec<_>, _>>()?;
    let ends = read.iter().skip(1).map(|(start, _)| *start as usize).chain([section.range().end as usize]);
    Ok(read.iter().zip(ends).map(|((start, entry), end)| (*entry, *start as usize..end)).collect())
}

/// Returns the path of a function, without hashes. Reads both of rustc's manglings, `legacy` and `v0`.
fn demangle(symbol: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(symbol))
}

/// Returns `true` if the symbol is of a function with this name, or of a closure in it.
fn is_named(symbol: &str, name: &str) -> bool {
    // Most symbols: demangling is slow.
    if !symbol.contains(name) {
        return false;
    }
    let path = demangle(symbol);
    let mut path = without_generics(&path);
    while let Some((outer, last)) = path.rsplit_once("::") {
        let closure = last == "{{closure}}" || last.starts_with("{closure#") && last.ends_with('}');
        if !closure {
            return last == name;
        }
        path = without_generics(outer);
    }
    false
}

/// Returns the path without the generic arguments at its end: `f` for `f::<fn() -> u8>`.
fn without_generics(path: &str) -> &str {
    if !path.ends_with('>') {
        return path;
    }
    let mut depth = 0;
    for (place, character) in path.char_indices().rev() {
        match character {
            // Not the arrow of a function's type, which is `.>` in `legacy`.
            '>' if !path[..place].ends_with(['-', '.']) => depth += 1,
            '<' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return path[..place].strip_suffix("::").unwrap_or(path);
        }
    }
    path
}

/// Returns a number in LEB128.
fn leb(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 127 {
        bytes.push((value & 127) as u8 | 128);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// Returns the name of a custom section as it stands in front of its content.
fn custom_name(name: &str) -> Vec<u8> {
    leb(name.len()).into_iter().chain(name.bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::is_named;

    /// Symbols by rustc 1.95 for an async function of a trait, a generic function of the same name inside `from`, and what stands in
    /// them or is made for them.
    const SYMBOLS: [(bool, &str); 17] = [
        (true, "_RNvXCsh537bOAIRKx_3libINtB2_1AFmEmENtB2_6Render13hydrate_asyncB2_"),
        (true, "_RNCNvXCsh537bOAIRKx_3libINtB4_1AFmEmENtB4_6Render13hydrate_async0B4_"),
        (true, "_RNCNCNvXCsh537bOAIRKx_3libINtB6_1AFmEmENtB6_6Render13hydrate_async00B6_"),
        (true, "_RINvNvCsh537bOAIRKx_3lib4from13hydrate_asyncINtB4_1AFmEmEEB4_"),
        (true, "_RNCINvNvCsh537bOAIRKx_3lib4from13hydrate_asyncINtB6_1AFmEmEE0B6_"),
        (false, "_RNvNCNvXCsh537bOAIRKx_3libINtB6_1ApENtB6_6Render13hydrate_async06inside"),
        (
            false,
            "_RINvNtCsgXGp5Oqx2Ny_4core3ptr13drop_in_placeNCNvXCsh537bOAIRKx_3libINtBL_1AFmEmENtBL_6Render13hydrate_async0EBL_",
        ),
        (
            false,
            "_RNvXNtNtCsgXGp5Oqx2Ny_4core6future11into_futureNCNvXCsh537bOAIRKx_3libINtBO_1AFmEmENtBO_6Render13hydrate_async0NtB2_10IntoFuture11into_futureBO_",
        ),
        (true, "_ZN3lib4from13hydrate_async17h567036c8ada5bff7E"),
        (true, "_ZN3lib4from13hydrate_async28_$u7b$$u7b$closure$u7d$$u7d$17hb72322437252e550E"),
        (true, "_ZN47_$LT$lib..A$LT$T$GT$$u20$as$u20$lib..Render$GT$13hydrate_async17h0973fbf77f49a8abE"),
        (
            true,
            "_ZN47_$LT$lib..A$LT$T$GT$$u20$as$u20$lib..Render$GT$13hydrate_async28_$u7b$$u7b$closure$u7d$$u7d$17h603ddcbc738c3128E",
        ),
        (
            true,
            "_ZN47_$LT$lib..A$LT$T$GT$$u20$as$u20$lib..Render$GT$13hydrate_async28_$u7b$$u7b$closure$u7d$$u7d$28_$u7b$$u7b$closure$u7d$$u7d$17h931b2d7ca10bfeb0E",
        ),
        (
            false,
            "_ZN47_$LT$lib..A$LT$T$GT$$u20$as$u20$lib..Render$GT$13hydrate_async28_$u7b$$u7b$closure$u7d$$u7d$6inside17h250c8e73654f8469E",
        ),
        (
            false,
            "_ZN4core3ptr127drop_in_place$LT$lib..from..hydrate_async$LT$lib..A$LT$fn$LP$u32$RP$$u20$.$GT$$u20$u32$GT$$GT$..$u7b$$u7b$closure$u7d$$u7d$$GT$17h59e2a1955cc86243E",
        ),
        (
            false,
            "_ZN4core3ptr141drop_in_place$LT$$LT$lib..A$LT$fn$LP$u32$RP$$u20$.$GT$$u20$u32$GT$$u20$as$u20$lib..Render$GT$..hydrate_async..$u7b$$u7b$closure$u7d$$u7d$$GT$17hdcc5f02bed39245eE",
        ),
        (false, "hydrate_async_is_not_this"),
    ];

    #[test]
    fn both_manglings_name_a_function_and_its_closures_but_not_what_is_defined_in_it() {
        for (expected, symbol) in SYMBOLS {
            assert_eq!(is_named(symbol, "hydrate_async"), expected, "{}", super::demangle(symbol));
        }
    }
}
