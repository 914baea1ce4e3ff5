use clientele::domain::{Condition, Exclusion};
use leptos::either::EitherOf3;
use leptos::prelude::*;

use super::Icon;
use crate::api::customers::{ListPart, TagCount, WhyNot};
use crate::console::{Console, View};
use crate::i18n::{I18n, t, t_string, use_i18n};
use crate::labels;

/// Context of [`EmptyList`] and [`WhyNotListed`]: the console and the list part that they explain.
#[derive(Clone)]
pub struct NotListed(pub Console, pub ListPart);

/// Message for an empty list: the active conditions, and links that drop one condition, each with
/// the number of customers it finds.
#[component]
pub fn EmptyList() -> impl IntoView {
    let i18n = use_i18n();
    let NotListed(console, part) = expect_context();
    let view = console.view.get_untracked();
    let ListPart { tags, relaxations, why, .. } = part;
    let asked = labels::Conditions::new(i18n, &view.filter, &tags);
    let nobody = !Condition::ALL.into_iter().any(|condition| view.filter.has(condition));
    let all = asked.clone();
    let title = move || {
        if nobody {
            t_string!(i18n, empty.nobody).to_owned()
        } else {
            t_string!(i18n, empty.title, conditions = all.all())
        }
    };
    let links = relaxations
        .into_iter()
        .map(|relaxation| {
            let asked = asked.clone();
            let label = move || asked.without(relaxation.without);
            view! {
                <li>
                    <a class="relaxation" href=console.href(&view.without(relaxation.without))>
                        <strong>{labels::number(relaxation.total)}</strong>
                        <span>{label}</span>
                        <Icon name="chevron-right" />
                    </a>
                </li>
            }
        })
        .collect::<Vec<_>>();
    let hint = match (nobody, links.is_empty()) {
        (true, _) => EitherOf3::A(t!(i18n, empty.nobody_hint)),
        (_, false) => EitherOf3::B(t!(i18n, empty.change_single)),
        (_, true) => EitherOf3::C(t!(i18n, empty.change_several)),
    };
    view! {
        <section class="empty" role="status">
            <Icon name="search" />
            <h2>{title}</h2>
            {why.map(|why| why_not(i18n, console, why, &tags))}
            <p>{hint}</p>
            <ul class="relaxations">{links}</ul>
            {(!nobody)
                .then(|| {
                    view! {
                        <div class="actions">
                            <a class="button" href=console.href(&View::default())>
                                {t!(i18n, sort.reset)}
                            </a>
                        </div>
                    }
                })}
        </section>
    }
    .into_any()
}

/// Message that a searched customer ID is not in the list, with the conditions that exclude it and
/// a link that shows it.
#[component]
pub fn WhyNotListed() -> impl IntoView {
    let NotListed(console, part) = expect_context();
    let i18n = use_i18n();
    part.why.map(|why| why_not(i18n, console, why, &part.tags).into_any())
}

fn why_not(i18n: I18n, console: Console, why: WhyNot, tags: &[TagCount]) -> impl IntoView {
    let view = console.view.get_untracked();
    let WhyNot { id, exclusion } = why;
    match exclusion {
        Exclusion::Listed => EitherOf3::A(()),
        Exclusion::Unknown => EitherOf3::B(view! { <p>{t!(i18n, why.unknown, id = id)}</p> }),
        Exclusion::By(conditions) => {
            let asked = labels::Conditions::new(i18n, &view.filter, tags);
            let shown = conditions.iter().fold(view.filter.clone(), |filter, condition| filter.without(*condition));
            let excluded = conditions
                .into_iter()
                .map(|condition| {
                    let asked = asked.clone();
                    view! {
                        <li>
                            <div class="relaxation why-excluded">
                                <Icon name="close" />
                                <span>{move || asked.one(condition)}</span>
                            </div>
                        </li>
                    }
                })
                .collect_view();
            EitherOf3::C(view! {
                <p>{t!(i18n, why.excluded, id = id)}</p>
                <ul class="relaxations">{excluded}</ul>
                <div class="actions">
                    <a class="button is-primary" href=console.href(&view.with_filter(shown))>
                        {t!(i18n, why.show)}
                    </a>
                </div>
            })
        }
    }
}
