//! Random customers and random operations on them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;

use super::super::Index;
use crate::domain::{AgentId, Blacklisting, Channel, Customer, CustomerId, CustomerKey, Profile, TagId, Timestamp};

#[derive(Clone, Debug)]
pub(super) enum Op {
    Create {
        key: u64,
        id: String,
        channel: Channel,
        names: (String, String),
        contact: (String, String),
        at: i64,
    },
    Edit {
        key: u64,
        names: (String, String),
        contact: (String, String),
    },
    Tag {
        key: u64,
        tag: u32,
        on: bool,
    },
    Serve {
        key: u64,
        agent: u32,
        at: i64,
    },
    Blacklist {
        key: u64,
    },
    /// Upserts an earlier state of a customer again.
    Repeat {
        nth: usize,
    },
    Load {
        key: u64,
        names: (String, String),
    },
    FinishLoading,
}

pub(super) fn name() -> impl Strategy<Value = String> {
    let words = select(vec![
        "张伟",
        "单雄信",
        "欧阳 修",
        "吕布",
        "微信用户",
        "微信用户1",
        "重庆 乐乐",
        "王郗 小单",
        "Olivia Johnson",
        "Straße\u{200B}",
        "w_1",
        "西安",
        "先",
        "Maria López",
        "maria",
        "Mario Lopez",
        "Márta",
        "ZHANG Wei",
        "zhangwei",
        "Jean-Paul",
        "o'brien",
        "Søren Lund",
        "Ёлкин",
        "елкина",
        "がくせい",
        "か",
        "한국어",
        "🌟张🌟",
        "Ｔｏｍ",
        "50%_*",
        "张",
    ]);
    let noise = "[张伟单信abmz éÁＡ🌟1\u{3000}]{0,6}";
    prop_oneof![2 => words.prop_map(str::to_owned), 2 => noise, 1 => Just(String::new())]
}

fn contact() -> impl Strategy<Value = (String, String)> {
    let phone = prop_oneof![
        Just(String::new()),
        "(\\+86 )?1[38][0-2 -]{1,6}",
        "\\([0-2]{2}\\) ?[0-2]{3}",
        "(\\+86|\\+44|0|0086|\\+44 \\(0\\))? ?(1380000|207000)0{1,3}",
        Just("x. 12".into())
    ];
    let email = prop_oneof![Just(String::new()), "[ab1]{1,3}@(gmail\\.com|qq\\.com|a\\.cn)"];
    (phone, email)
}

pub(super) fn id() -> impl Strategy<Value = String> {
    prop_oneof!["(wx|em)_[0-2a]{2,5}", "[0-3]{1,4}", "客户[12]", "(wx|WX)_[12]{1,2}", "custom(er|re)_[0-2]"]
}

pub(super) fn key() -> impl Strategy<Value = u64> {
    prop_oneof![3 => 0..60u64, 1 => select(vec![1_000_000u64, u64::MAX])]
}

pub(super) fn create() -> impl Strategy<Value = Op> {
    let channel = select(Channel::ALL.to_vec());
    (key(), id(), channel, (name(), name()), contact(), 0..12i64)
        .prop_map(|(key, id, channel, names, contact, at)| Op::Create { key, id, channel, names, contact, at })
}

pub(super) fn op() -> impl Strategy<Value = Op> {
    let names = || (name(), name());
    prop_oneof![
        12 => create(),
        5 => (key(), names(), contact()).prop_map(|(key, names, contact)| Op::Edit { key, names, contact }),
        8 => (key(), 0..5u32, any::<bool>()).prop_map(|(key, tag, on)| Op::Tag { key, tag, on }),
        8 => (key(), 0..3u32, 0..12i64).prop_map(|(key, agent, at)| Op::Serve { key, agent, at }),
        2 => key().prop_map(|key| Op::Blacklist { key }),
        2 => any::<usize>().prop_map(|nth| Op::Repeat { nth }),
        2 => (key(), names()).prop_map(|(key, names)| Op::Load { key, names }),
        1 => Just(Op::FinishLoading),
    ]
}

/// Index under test, and the customers as the store would hold them.
#[derive(Default)]
pub(super) struct World {
    pub(super) index: Index,
    pub(super) customers: BTreeMap<u64, Customer>,
    /// All past and current states of all customers.
    pub(super) history: Vec<Customer>,
}

impl World {
    pub(super) fn apply(&mut self, op: &Op) {
        match op {
            Op::FinishLoading => self.index.finish_loading(),
            Op::Repeat { nth } => {
                if let Some(old) = self.history.get(nth % self.history.len().max(1)) {
                    self.index.upsert(old);
                }
            }
            Op::Create { key, id, channel, names, contact, at } => {
                if !self.customers.contains_key(key) {
                    let id = CustomerId::new(id).unwrap();
                    let mut customer =
                        Customer::new(CustomerKey(*key), id, *channel, Profile::default(), Timestamp(*at));
                    write(&mut customer.fields_unchecked().profile, names, contact);
                    self.save(customer, false);
                }
            }
            Op::Edit { key, names, contact } => {
                self.change(*key, false, |customer| write(&mut customer.fields_unchecked().profile, names, contact))
            }
            Op::Load { key, names } => {
                self.change(*key, true, |customer| customer.fields_unchecked().profile.nickname = names.0.clone())
            }
            Op::Tag { key, tag, on: true } => self.change(*key, false, |customer| customer.tag(TagId(*tag))),
            Op::Tag { key, tag, on: false } => self.change(*key, false, |customer| customer.untag(TagId(*tag))),
            Op::Serve { key, agent, at } => {
                self.change(*key, false, |customer| customer.record_served_by(AgentId(*agent), Timestamp(*at)))
            }
            Op::Blacklist { key } => self.change(*key, false, |customer| {
                if customer.unblacklist().is_err() {
                    customer.blacklist(Blacklisting::new("abuse", None, Timestamp(0), None).unwrap()).unwrap();
                }
            }),
        }
    }

    fn change(&mut self, key: u64, load: bool, change: impl FnOnce(&mut Customer)) {
        if let Some(customer) = self.customers.get(&key) {
            let mut customer = customer.clone();
            change(&mut customer);
            customer.fields_unchecked().version += 1;
            self.save(customer, load);
        }
    }

    pub(super) fn save(&mut self, customer: Customer, load: bool) {
        if load {
            self.index.load([&customer]);
        } else {
            self.index.upsert(&customer);
        }
        self.history.push(customer.clone());
        self.customers.insert(customer.key.0, customer);
    }
}

fn write(profile: &mut Profile, names: &(String, String), contact: &(String, String)) {
    (profile.nickname, profile.real_name) = names.clone();
    (profile.phone, profile.email) = contact.clone();
}
