//! Makes the words of `locales/` into code, so that a missing one does not compile.

use std::error::Error;
use std::path::PathBuf;

use leptos_i18n_parser::parse_locales::options::{Config, ParseOptions};
use leptos_i18n_parser::parse_locales::parse_locales;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=locales");
    let options = ParseOptions::new().interpolate_display(true);
    let config = Config::new("en")?.add_locale("zh-CN")?.parse_options(options);
    let words = parse_locales(Some(PathBuf::from(env("CARGO_MANIFEST_DIR")?)), config)?;
    let code = leptos_i18n_codegen::gen_code(&words, None, true, None, false)?;
    std::fs::write(PathBuf::from(env("OUT_DIR")?).join("words.rs"), code.to_string())?;
    Ok(())
}

fn env(name: &str) -> Result<String, std::env::VarError> {
    println!("cargo::rerun-if-env-changed={name}");
    std::env::var(name)
}
