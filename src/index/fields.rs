//! Searchable texts of a customer.

use super::normalize::normalize;
use crate::domain::Customer;

/// One value per searchable field. `Fields<String>` and `Fields<&str>` hold normalised texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields<S> {
    pub(super) id: S,
    pub(super) nickname: S,
    pub(super) real_name: S,
    pub(super) phone: S,
    pub(super) email: S,
}

impl Fields<String> {
    pub(super) fn of(customer: &Customer) -> Self {
        let profile = &customer.profile;
        Self {
            id: normalize(customer.id.as_str()),
            nickname: normalize(&profile.nickname),
            real_name: normalize(&profile.real_name),
            phone: normalize(&profile.phone),
            email: normalize(&profile.email),
        }
    }

    pub(super) fn as_ref(&self) -> Fields<&str> {
        Fields {
            id: &self.id,
            nickname: &self.nickname,
            real_name: &self.real_name,
            phone: &self.phone,
            email: &self.email,
        }
    }
}
