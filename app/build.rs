//! Makes the words of `locales/` into code: a table for each language, a number for each text, and a struct for each text
//! that has blanks to fill in. A text that one language lacks, or whose blanks differ, does not compile.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;

use serde_json::Value;

/// The languages, the first of which says which texts there are; in the order of `i18n::Locale`.
const LOCALES: [&str; 2] = ["en", "zh-CN"];

/// Texts by group and name.
type Texts = BTreeMap<(String, String), String>;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=locales");
    let folder = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("locales");
    let mut all = Vec::new();
    for locale in LOCALES {
        let file = folder.join(format!("{locale}.json"));
        let groups = serde_json::from_str(&std::fs::read_to_string(&file)?)?;
        all.push(flatten(groups).map_err(|wrong| format!("{}: {wrong}", file.display()))?);
    }
    for (locale, texts) in LOCALES.iter().zip(&all) {
        compare(&all[0], texts).map_err(|wrong| format!("{locale}: {wrong}"))?;
    }
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("words.rs");
    Ok(std::fs::write(out, code(&all)?)?)
}

fn flatten(groups: Value) -> Result<Texts, String> {
    let Value::Object(groups) = groups else { return Err("not an object".into()) };
    let mut texts = Texts::new();
    for (group, own) in groups {
        let Value::Object(own) = own else { return Err(format!("{group} is not an object")) };
        for (name, text) in own {
            let Value::String(text) = text else { return Err(format!("{group}.{name} is not a text")) };
            texts.insert((group.clone(), name), text);
        }
    }
    Ok(texts)
}

/// The blanks of a text, sorted: `{{count}}` is the blank `count`.
fn blanks(text: &str) -> Vec<&str> {
    let mut blanks: Vec<&str> =
        text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(blank, _)| blank).collect();
    blanks.sort_unstable();
    blanks.dedup();
    blanks
}

fn compare(first: &Texts, other: &Texts) -> Result<(), String> {
    for (key, text) in first {
        let (group, name) = key;
        let Some(own) = other.get(key) else { return Err(format!("{group}.{name} is missing")) };
        if blanks(own) != blanks(text) {
            return Err(format!("{group}.{name} has other blanks: {own}"));
        }
    }
    match other.keys().find(|key| !first.contains_key(key)) {
        Some((group, name)) => Err(format!("{group}.{name} is in no other language")),
        None => Ok(()),
    }
}

fn code(all: &[Texts]) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    writeln!(out, "pub static TABLES: [&[&str]; {}] = [", all.len())?;
    for texts in all {
        writeln!(out, "&{:?},", texts.values().collect::<Vec<_>>())?;
    }
    writeln!(out, "];\npub mod texts {{")?;
    let mut group = "";
    for (number, ((own, name), text)) in all[0].iter().enumerate() {
        if own != group {
            let end = if group.is_empty() { "" } else { "}" };
            writeln!(out, "{end} pub mod {own} {{ use crate::i18n::{{Locale, Text, fill}}; use std::fmt::Display;")?;
            group = own;
        }
        let blanks = blanks(text);
        if blanks.is_empty() {
            writeln!(out, "pub const {name}: Text = Text({number});")?;
            continue;
        }
        let fields: String = blanks.iter().map(|blank| format!("pub {blank}: &'a dyn Display,")).collect();
        let pairs: String = blanks.iter().map(|blank| format!("(\"{blank}\", self.{blank}),")).collect();
        writeln!(out, "pub struct {name}<'a> {{ {fields} }}")?;
        writeln!(out, "impl {name}<'_> {{ pub fn say(&self, locale: Locale) -> String {{")?;
        writeln!(out, "fill(Text({number}).say(locale), &[{pairs}]) }} }}")?;
    }
    writeln!(out, "}} }}")?;
    Ok(out)
}
