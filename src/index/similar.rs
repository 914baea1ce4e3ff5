//! Search for the documents that contain a text with one typo.

use super::Index;
use super::bits::Bits;
use super::groups::Group;
use super::needle::Needle;
use super::search::Search;
use super::texts::Column;
use super::typo::Typed;
use super::vocabulary::Kind;
use crate::domain::Condition;

impl Index {
    /// Returns the documents of `within` that match with a typo, except those in `found`. Returns
    /// `None` if there are none.
    pub(super) fn similar(&self, condition: Condition, needle: &Needle, within: &Bits, found: &Bits) -> Option<Bits> {
        let kinds: &[Kind] = match condition {
            Condition::Name => &[Kind::Name],
            Condition::Id => &[Kind::Id],
            _ => &[Kind::Name, Kind::Id, Kind::Email],
        };
        let mut similar = self.none();
        if let Some(typed) = &needle.typed {
            kinds.iter().for_each(|kind| self.with_typo(*kind, typed, &mut similar));
        }
        let pinyin = needle.pinyin.as_ref().filter(|_| condition != Condition::Id);
        if let Some(typed) = pinyin.and_then(|pinyin| pinyin.whole.as_ref()) {
            self.vocabulary.similar(Kind::Pinyin, typed, &mut similar);
        }
        similar.and(within);
        similar.and_not(found);
        Some(similar).filter(|docs| !docs.is_empty())
    }

    /// Adds the documents that contain all words, one of them with a typo, in the texts of a kind.
    fn with_typo(&self, kind: Kind, typed: &Typed, found: &mut Bits) {
        for (at, wrong) in typed.words.iter().enumerate().filter(|(_, word)| word.may_have_typo()) {
            let mut docs = self.none();
            self.vocabulary.similar(kind, wrong, &mut docs);
            for (_, right) in typed.words.iter().enumerate().filter(|(other, _)| *other != at) {
                if docs.is_empty() {
                    break;
                }
                let mut others = self.none();
                self.vocabulary.exact(kind, right, &mut others);
                docs.and(&others);
            }
            for digits in &typed.digits {
                if docs.is_empty() {
                    break;
                }
                docs.and(&self.with_digits(kind, digits, &docs));
            }
            found.or(&docs);
        }
    }

    /// Returns the documents with these digits in the texts of a kind. Documents outside `within` may be
    /// missing.
    fn with_digits(&self, kind: Kind, digits: &str, within: &Bits) -> Bits {
        let texts = &self.texts;
        let (group, columns): (Group, &[&Column]) = match kind {
            Kind::Id => (Group::Id, &[&texts.id]),
            Kind::Email => (Group::Email, &[&texts.email]),
            Kind::Name | Kind::Pinyin => (Group::Name, &[&texts.nickname, &texts.real_name]),
        };
        let mut search = Search { index: self, within, found: self.none() };
        let has = |doc| columns.iter().any(|column| column.get(doc).contains(digits));
        search.add(self.grams.find(group, digits), columns, has);
        search.found
    }
}
