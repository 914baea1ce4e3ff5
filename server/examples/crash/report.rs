//! Figures of the parts, and the table at the end.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::http::{Answer, Broken};

/// Faults that are told in words.
const MAX_TOLD: usize = 20;

/// Characters of a fault in words: it may quote whole customers.
const MAX_CHARS: usize = 600;

/// Kinds of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Something acknowledged is not there.
    Lost,
    /// A change is there in part, twice, or from nowhere.
    Torn,
    /// Something is in the database, and the list or the settings in memory do not know it.
    Unseen,
    /// An answer that must not be, or none.
    Other,
}

/// Figures and faults of one part.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Rounds that were run.
    pub rounds: u64,
    /// Changes that were acknowledged.
    pub acknowledged: u64,
    /// Customers that were compared.
    pub compared: u64,
    /// Answers by status, and broken connections.
    pub statuses: BTreeMap<String, u64>,
    /// Times from start to ready.
    pub restarts: Vec<Duration>,
    /// Remarks for the table's foot.
    pub remarks: Vec<String>,
    /// Faults by kind.
    pub faults: BTreeMap<Fault, u64>,
    /// The first faults in words.
    pub told: Vec<String>,
}

impl Tally {
    /// Notes a fault.
    pub fn fault(&mut self, kind: Fault, what: String) {
        *self.faults.entry(kind).or_default() += 1;
        if self.told.len() < MAX_TOLD {
            let what: String = what.chars().take(MAX_CHARS).collect();
            self.told.push(format!("{kind:?}: {what}"));
        }
    }

    /// Counts an answer by its status.
    pub fn count(&mut self, outcome: &Result<Answer, Broken>) {
        let what = match outcome {
            Ok(answer) => answer.status.to_string(),
            Err(Broken::NotSent(_)) => "refused connection".into(),
            Err(Broken::Unknown(_)) => "lost connection".into(),
        };
        *self.statuses.entry(what).or_default() += 1;
    }

    /// Returns the number of faults of a kind.
    pub fn of(&self, kind: Fault) -> u64 {
        self.faults.get(&kind).copied().unwrap_or(0)
    }
}

/// Outcome of a part.
pub enum Ran {
    /// The part was run.
    Run(Tally),
    /// The part could not be run here, and why.
    Skipped(String),
}

/// Prints the table, the remarks and the faults. Returns `true` if there is no fault.
pub fn print(parts: &[(&str, Ran)]) -> bool {
    println!(
        "\n{:8} {:>6} {:>12} {:>9} {:>5} {:>5} {:>6} {:>6}   {:>16}   statuses",
        "part", "rounds", "acknowledged", "compared", "lost", "torn", "unseen", "other", "restart s p50/max"
    );
    for (name, part) in parts {
        match part {
            Ran::Run(tally) => println!("{name:8} {}", row(tally)),
            Ran::Skipped(why) => println!("{name:8} SKIPPED: {why}"),
        }
    }
    let run =
        || parts.iter().filter_map(|(name, part)| if let Ran::Run(tally) = part { Some((name, tally)) } else { None });
    for (name, tally) in run() {
        for remark in &tally.remarks {
            println!("{name}: {remark}");
        }
    }
    let faults: u64 = run().map(|(_, tally)| tally.faults.values().sum::<u64>()).sum();
    let told = run().flat_map(|(name, tally)| tally.told.iter().map(move |what| format!("{name}: {what}")));
    for what in told.take(MAX_TOLD) {
        println!("FAULT in {what}");
    }
    println!("{faults} faults");
    faults == 0
}

fn row(tally: &Tally) -> String {
    let mut restarts = tally.restarts.clone();
    restarts.sort_unstable();
    let restart = match (restarts.get(restarts.len() / 2), restarts.last()) {
        (Some(median), Some(most)) => format!("{:.2} / {:.2}", median.as_secs_f64(), most.as_secs_f64()),
        _ => "-".into(),
    };
    let statuses: Vec<String> = tally.statuses.iter().map(|(status, count)| format!("{status}: {count}")).collect();
    format!(
        "{:>6} {:>12} {:>9} {:>5} {:>5} {:>6} {:>6}   {restart:>17}   {}",
        tally.rounds,
        tally.acknowledged,
        tally.compared,
        tally.of(Fault::Lost),
        tally.of(Fault::Torn),
        tally.of(Fault::Unseen),
        tally.of(Fault::Other),
        statuses.join(", ")
    )
}
