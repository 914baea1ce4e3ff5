//! `bundle WHOLE WORK OUT [NEVER_CALLED...]`: splits and binds the linked module WHOLE for browsers.
//!
//! The functions named NEVER_CALLED are emptied first. The module is split at the functions marked `wasm_split` into a main
//! module and parts that are loaded on demand (in the folder WORK); wasm-bindgen then writes the main module and its
//! JavaScript bindings to OUT, and the parts are copied beside them.
//! Both steps are libraries of the tools `wasm-split-cli` and `wasm-bindgen`: one locked crate compiles in less than half the
//! time of the two, because they share most dependencies.

mod snip;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support::{Options, transform};

/// Name of the main module and its script, without extension.
const NAME: &str = "clientele";

fn main() {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let (Some(whole), Some(work), Some(out)) = (arguments.next(), arguments.next(), arguments.next()) else {
        eprintln!("usage: bundle WHOLE WORK OUT [NEVER_CALLED...]");
        process::exit(2);
    };
    let never_called: Vec<String> = arguments.map(|name| name.to_string_lossy().into_owned()).collect();
    if let Err(error) = bundle(&whole, &work, &out, &never_called) {
        eprintln!("bundle: {error}");
        process::exit(1);
    }
}

fn bundle(whole: &Path, work: &Path, out: &Path, never_called: &[String]) -> Result<(), Box<dyn Error>> {
    let mut module = fs::read(whole)?;
    if !never_called.is_empty() {
        let (snipped, count) = snip::snip(&module, never_called)?;
        println!("{count} functions emptied");
        module = snipped;
    }
    let main = split(&module, work)?;
    bind(&main, out)?;
    copy_parts(work, out)
}

/// Splits the module and returns the path of the main one. The parts and the script that loads them are written to `work`.
fn split(module: &[u8], work: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let main = work.join(NAME).with_extension("wasm");
    let script = format!("./{NAME}.js");
    let mut options = Options::new(module);
    options.output_dir = work;
    options.main_out_path = &main;
    options.main_module = &script;
    transform(options).map_err(|error| format!("{error:#}"))?;
    Ok(main)
}

/// Writes the main module and its bindings. The exports of the linker stay: the parts import them.
fn bind(main: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(main).web(true)?.typescript(false).keep_lld_exports(true).out_name(NAME);
    Ok(bindgen.generate(out)?)
}

/// Copies the parts and the script that loads them.
fn copy_parts(work: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(work)? {
        let entry = entry?;
        let name = entry.file_name();
        let text = name.to_string_lossy();
        if text == "__wasm_split.js" || text.starts_with("split_") || text.starts_with("chunk_") {
            fs::copy(entry.path(), out.join(&name))?;
        }
    }
    Ok(())
}
