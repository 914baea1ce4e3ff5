//! Generates code from the texts in `locales/`: a table per language, an index per text, and a
//! struct for each text with placeholders. The build fails if a language lacks a text or its
//! placeholders differ.
//!
//! `days_one` and `days_other` are the plural forms of one text, `days`. The placeholder `count`
//! selects the form.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;

use serde_json::Value;

/// Languages in the order of `i18n::Locale`, each with its CLDR plural forms. The first language
/// defines the set of texts.
const LOCALES: [(&str, &[&str]); 2] = [("en", &["one", "other"]), ("zh-CN", &["other"])];

/// Plural forms of all languages, in the order of `i18n::Locale::form`. A language without a form
/// uses its last one.
const FORMS: [&str; 2] = ["one", "other"];

/// Placeholder that selects the plural form.
const COUNT: &str = "count";

/// Group of labels that are looked up by name: the profile fields.
const NAMED_GROUP: &str = "field";

/// Group of texts for the visitor chat page, which only the server renders.
const SERVER_GROUP: &str = "chat";

/// Texts by group and name. Each entry holds one text, or one per form in [`FORMS`].
type Texts = BTreeMap<(String, String), Vec<String>>;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=locales");
    let folder = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("locales");
    let mut all = Vec::new();
    for (locale, forms) in LOCALES {
        let file = folder.join(format!("{locale}.json"));
        let groups = serde_json::from_str(&std::fs::read_to_string(&file)?)?;
        all.push(read(groups, forms).map_err(|wrong| format!("{}: {wrong}", file.display()))?);
    }
    for ((locale, _), texts) in LOCALES.iter().zip(&all) {
        compare(&all[0], texts).map_err(|wrong| format!("{locale}: {wrong}"))?;
    }
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("texts.rs");
    Ok(std::fs::write(out, code(&all)?)?)
}

/// Parses the texts of a language. `forms` lists the plural forms that the language has.
fn read(groups: Value, forms: &[&str]) -> Result<Texts, String> {
    let Value::Object(groups) = groups else { return Err("not an object".into()) };
    let (mut texts, mut plurals) = (Texts::new(), BTreeMap::<_, BTreeMap<&str, String>>::new());
    for (group, own) in groups {
        let Value::Object(own) = own else { return Err(format!("{group} is not an object")) };
        for (name, text) in own {
            let Value::String(text) = text else { return Err(format!("{group}.{name} is not a text")) };
            let form = FORMS.into_iter().find_map(|form| Some((form, name.strip_suffix(form)?.strip_suffix('_')?)));
            match form {
                Some((form, _)) if !forms.contains(&form) => {
                    return Err(format!("{group}.{name}: this language has no such plural form"));
                }
                Some((form, name)) => {
                    plurals.entry((group.clone(), name.to_owned())).or_default().insert(form, text);
                }
                None => drop(texts.insert((group.clone(), name), vec![text])),
            }
        }
    }
    for (key, own) in plurals {
        let (group, name) = &key;
        if let Some(form) = forms.iter().find(|form| !own.contains_key(**form)) {
            return Err(format!("{group}.{name}_{form} is missing: the plural is not complete"));
        }
        let other = &own["other"];
        if !blanks(other).contains(COUNT) {
            return Err(format!("{group}.{name}_other has no {{{{{COUNT}}}}} to choose the form by"));
        }
        let every = FORMS.map(|form| own.get(form).unwrap_or(other).clone()).to_vec();
        if let Some(text) = every.iter().find(|text| !same_blanks(text, other)) {
            return Err(format!("{group}.{name}: the blanks of its forms differ: {text}"));
        }
        if texts.contains_key(&key) {
            return Err(format!("{group}.{name} is both a text and a plural"));
        }
        texts.insert(key, every);
    }
    Ok(texts)
}

/// Returns the names of the placeholders in a text: `{{count}}` yields `count`.
fn blanks(text: &str) -> BTreeSet<&str> {
    text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}")).map(|(blank, _)| blank).collect()
}

/// Returns `true` if two forms have the same placeholders. `one` may omit the number: "One other
/// customer".
fn same_blanks(one: &str, other: &str) -> bool {
    blanks(one).into_iter().chain([COUNT]).collect::<BTreeSet<_>>() == blanks(other)
}

fn compare(first: &Texts, other: &Texts) -> Result<(), String> {
    for (key, forms) in first {
        let (group, name) = key;
        let Some(own) = other.get(key) else { return Err(format!("{group}.{name} is missing")) };
        // The last form of a plural contains all of its placeholders.
        let (text, shown) = (&forms[forms.len() - 1], &own[own.len() - 1]);
        if own.len() != forms.len() || blanks(shown) != blanks(text) {
            return Err(format!("{group}.{name} has other blanks: {shown}"));
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
    // Leave server-only texts out of the browser's download.
    let here = |group: &str| group != SERVER_GROUP || std::env::var_os("CARGO_FEATURE_SSR").is_some();
    for texts in all {
        let shown = texts
            .iter()
            .flat_map(|((group, _), forms)| forms.iter().map(move |form| if here(group) { form.as_str() } else { "" }));
        writeln!(out, "&{:?},", shown.collect::<Vec<_>>())?;
    }
    writeln!(out, "];\npub mod texts {{")?;
    let (mut group, mut number, mut plurals, mut named) = ("", 0, String::new(), String::new());
    for ((own, name), forms) in &all[0] {
        if own != group {
            let end = if group.is_empty() { "" } else { "}" };
            writeln!(out, "{end} pub mod {own} {{ use crate::i18n::{{Locale, Text, fill}}; use crate::labels;")?;
            writeln!(out, "use std::fmt::Display;")?;
            group = own;
        }
        let blanks = blanks(&forms[forms.len() - 1]);
        let (mut fields, mut pairs) = (String::new(), String::new());
        for blank in &blanks {
            let (kind, value) = match *blank {
                COUNT => ("u64", "&labels::number(*self.count)".to_owned()),
                _ => ("dyn Display", format!("self.{blank}")),
            };
            write!(fields, "pub {blank}: &'a {kind},")?;
            write!(pairs, "(\"{blank}\", {value}),")?;
        }
        let form = if forms.len() > 1 { " + locale.form(*self.count)" } else { "" };
        if blanks.is_empty() {
            writeln!(out, "pub const {name}: Text = Text({number});")?;
            if own == NAMED_GROUP {
                write!(named, "\"{name}\" => Text({number}),")?;
            }
        } else {
            writeln!(out, "pub struct {name}<'a> {{ {fields} }}")?;
            writeln!(out, "impl {name}<'_> {{ pub fn say(&self, locale: Locale) -> String {{")?;
            writeln!(out, "fill(Text({number}{form}).say(locale), &[{pairs}]) }} }}")?;
        }
        if forms.len() > 1 {
            write!(plurals, "(\"{own}.{name}\", {number}),")?;
        }
        number += forms.len();
    }
    writeln!(out, "}} }}\npub mod named {{ use crate::i18n::Text;")?;
    writeln!(
        out,
        "pub fn {NAMED_GROUP}(name: &str) -> Option<Text> {{ Some(match name {{ {named} _ => return None }}) }} }}"
    )?;
    writeln!(out, "#[cfg(test)] pub const PLURALS: &[(&str, u16)] = &[{plurals}];")?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn a_plural_that_is_not_complete_is_told() {
        let read = |forms: &[&str], text: &str| super::read(serde_json::from_str(text).unwrap(), forms).err();
        let english = ["one", "other"];
        for (text, wrong) in [
            (r#"{"a": {"days_one": "{{count}} day"}}"#, "a.days_other is missing: the plural is not complete"),
            (r#"{"a": {"days_other": "{{count}} days"}}"#, "a.days_one is missing: the plural is not complete"),
            (
                r#"{"a": {"days_one": "1 day", "days_other": "days"}}"#,
                "a.days_other has no {{count}} to choose the form by",
            ),
            (
                r#"{"a": {"days_one": "1 day of {{x}}", "days_other": "{{count}} days"}}"#,
                "a.days: the blanks of its forms differ: 1 day of {{x}}",
            ),
            (
                r#"{"a": {"days": "days", "days_one": "1 day", "days_other": "{{count}} days"}}"#,
                "a.days is both a text and a plural",
            ),
        ] {
            assert_eq!(read(&english, text).as_deref(), Some(wrong));
        }
        let both = r#"{"a": {"days_one": "1 day", "days_other": "{{count}} days"}}"#;
        assert_eq!(read(&english, both), None);
        assert_eq!(read(&["other"], both).as_deref(), Some("a.days_one: this language has no such plural form"));
    }

    #[test]
    fn languages_have_the_same_plurals() {
        let read = |forms: &[&str], text: &str| super::read(serde_json::from_str(text).unwrap(), forms).unwrap();
        let english = read(&["one", "other"], r#"{"a": {"days_one": "1 day", "days_other": "{{count}} days"}}"#);
        let same = read(&["other"], r#"{"a": {"days_other": "{{count}} 天"}}"#);
        assert_eq!(compare(&english, &same), Ok(()));
        let plain = read(&["other"], r#"{"a": {"days": "{{count}} 天"}}"#);
        assert_eq!(compare(&english, &plain), Err("a.days has other blanks: {{count}} 天".to_owned()));
        let other = read(&["other"], r#"{"a": {"hours_other": "{{count}} 小时"}}"#);
        assert_eq!(compare(&english, &other), Err("a.days is missing".to_owned()));
    }
}
