//! Ten days in the made-up lab: which runs, by whom, and what went wrong in them; the last night is the worst.

use super::{
    play::Mishap::{self, *},
    recipes::{
        AMIDE, CLEANING, CRYSTALS, DOSING_CHECK, FLOW_OPTIMIZER, HPLC_CALIBRATION, Recipe, SPECTRA,
        STABILITY, SUZUKI, TITRATION,
    },
};

pub struct Scheduled {
    /// As the operator typed it.
    pub title: &'static str,
    pub recipe: &'static Recipe,
    /// Empty for runs from before IvoryOS 1.7, which kept neither users nor outcomes.
    pub user: &'static str,
    pub count: usize,
    pub samples: usize,
    pub trouble: Mishap,
    /// The iteration (from 1) and the call of the trouble.
    pub at: (usize, &'static str),
    /// Minutes in which nothing ran before it.
    pub idle: f64,
}

const INJECT: &str = "hplc.inject_hplc";
const SOLID: &str = "doser.dose_solid";
const LIQUID: &str = "pump.dose_liquid";
const HEAT: &str = "reactor.heat";
const WEIGH: &str = "balance.weigh";
const CONVERSION: &str = "spectrometer.read_conversion";
const NIGHT: &str = "night shift";
const SECOND: &str = "оператор_2";

/// A run of single samples without trouble.
const fn fine(
    title: &'static str,
    recipe: &'static Recipe,
    user: &'static str,
    count: usize,
    idle: f64,
) -> Scheduled {
    Scheduled { title, recipe, user, count, samples: 1, trouble: Fine, at: (0, ""), idle }
}

const fn hit(entry: Scheduled, trouble: Mishap, iteration: usize, call: &'static str) -> Scheduled {
    Scheduled { trouble, at: (iteration, call), ..entry }
}

const fn batches(entry: Scheduled, samples: usize) -> Scheduled {
    Scheduled { samples, ..entry }
}

/// In the order in which they ran.
pub static RUNS: [&[Scheduled]; 4] = [&BEFORE, &WEEK, &LATELY, &LAST_NIGHT];

/// Kept by an older IvoryOS: no outcomes, no users, names as typed.
static BEFORE: [Scheduled; 7] = [
    fine("Calibration 5 µL at 25 °C", &DOSING_CHECK, "", 8, 0.0),
    fine("amide coupling", &AMIDE, "", 4, 25.0),
    hit(fine("amide coupling", &AMIDE, "", 6, 40.0), Retried(1), 3, WEIGH),
    fine("測定 一回目", &SPECTRA, "", 6, 900.0),
    hit(fine("Überprüfung Waage", &DOSING_CHECK, "", 12, 15.0), Killed, 7, WEIGH),
    fine("Überprüfung Waage", &DOSING_CHECK, "", 12, 9.0),
    fine("titration (old buffer)", &TITRATION, "", 5, 120.0),
];

static WEEK: [Scheduled; 20] = [
    fine("after upgrade", &CLEANING, "admin", 1, 1100.0),
    fine("HPLC calibration C18", &HPLC_CALIBRATION, "mara", 8, 35.0),
    fine("5 µL dosing check", &DOSING_CHECK, "mara", 20, 12.0),
    hit(fine("Suzuki screen 40–110 °C", &SUZUKI, "j.okafor", 8, 50.0), Paused, 3, ""),
    fine("crystallization overnight", &CRYSTALS, NIGHT, 12, 220.0),
    fine("2024 protocol, repeated", &AMIDE, "mara", 6, 760.0),
    hit(fine("UV-Vis 380–700 nm", &SPECTRA, SECOND, 16, 30.0), Retried(1), 5, "pump.aspirate"),
    fine("buffer titration pH 7→10", &TITRATION, SECOND, 6, 22.0),
    batches(fine("Suzuki screen, plates of 4", &SUZUKI, "j.okafor", 3, 45.0), 4),
    fine("stability watch 65 °C", &STABILITY, NIGHT, 400, 190.0),
    fine("class", &DOSING_CHECK, "student1", 10, 640.0),
    hit(fine("class", &DOSING_CHECK, "student1", 10, 4.0), StopNow, 2, LIQUID),
    fine("class", &DOSING_CHECK, "student2", 10, 6.0),
    hit(fine("flow optimizer (yield)", &FLOW_OPTIMIZER, "mara", 40, 70.0), EarlyStop, 32, ""),
    fine("rinse & park", &CLEANING, NIGHT, 2, 15.0),
    hit(fine("HPLC calibration C18", &HPLC_CALIBRATION, "mara", 8, 850.0), Asked, 4, INJECT),
    hit(fine("Suzuki screen 40–110 °C", &SUZUKI, "j.okafor", 9, 25.0), Edited, 4, ""),
    fine("amide coupling v2", &AMIDE, SECOND, 8, 33.0),
    hit(fine("amide coupling v2", &AMIDE, SECOND, 8, 12.0), Ignored, 6, SOLID),
    fine("crystallization overnight", &CRYSTALS, NIGHT, 14, 160.0),
];

static LATELY: [Scheduled; 16] = [
    fine("warm-up", &CLEANING, "mara", 1, 1250.0),
    fine("HPLC calibration C18", &HPLC_CALIBRATION, "mara", 8, 10.0),
    batches(hit(fine("Suzuki screen, plates of 4", &SUZUKI, "j.okafor", 4, 40.0), Invalid, 2, ""), 4),
    fine("UV-Vis 380–700 nm", &SPECTRA, SECOND, 16, 65.0),
    hit(fine("flow optimizer (cost)", &FLOW_OPTIMIZER, "j.okafor", 24, 30.0), StopAfter, 18, ""),
    fine("5 µL dosing check", &DOSING_CHECK, NIGHT, 30, 25.0),
    fine("crystallization overnight", &CRYSTALS, NIGHT, 14, 300.0),
    fine("warm-up", &CLEANING, "mara", 1, 1060.0),
    hit(fine("Suzuki screen 40–110 °C", &SUZUKI, "mara", 6, 20.0), GivenUp, 2, HEAT),
    fine("Suzuki screen 40–110 °C", &SUZUKI, "mara", 6, 30.0),
    fine("buffer titration pH 7→10", &TITRATION, SECOND, 8, 45.0),
    hit(fine("amide coupling v2", &AMIDE, "j.okafor", 5, 15.0), Condition, 3, WEIGH),
    fine("amide coupling v2", &AMIDE, "j.okafor", 5, 18.0),
    fine("flow optimizer, night 2", &FLOW_OPTIMIZER, NIGHT, 50, 180.0),
    fine("warm-up", &CLEANING, "mara", 1, 640.0),
    fine("HPLC calibration C18", &HPLC_CALIBRATION, "mara", 8, 8.0),
];

static LAST_NIGHT: [Scheduled; 18] = [
    fine("Suzuki repeat, best rows", &SUZUKI, "j.okafor", 4, 300.0),
    fine("prime lines", &CLEANING, NIGHT, 1, 95.0),
    fine("HPLC calibration C18", &HPLC_CALIBRATION, NIGHT, 6, 4.0),
    hit(fine("Suzuki night A (60 °C)", &SUZUKI, NIGHT, 6, 3.0), Retried(2), 3, INJECT),
    batches(hit(fine("Suzuki night B (80 °C)", &SUZUKI, NIGHT, 4, 2.0), Condition, 2, "hplc.read_purity"), 2),
    hit(fine("amide night 1", &AMIDE, NIGHT, 4, 6.0), Ignored, 2, SOLID),
    hit(fine("amide night 2", &AMIDE, NIGHT, 6, 2.0), GivenUp, 3, INJECT),
    fine("rinse & park", &CLEANING, NIGHT, 1, 8.0),
    hit(fine("5 µL dosing check", &DOSING_CHECK, NIGHT, 20, 5.0), Condition, 12, WEIGH),
    fine("5 µL dosing check", &DOSING_CHECK, NIGHT, 20, 3.0),
    hit(fine("crystals, seeded", &CRYSTALS, SECOND, 8, 4.0), Killed, 5, "camera.take_image"),
    fine("after restart", &CLEANING, SECOND, 1, 17.0),
    fine("crystals, seeded (again)", &CRYSTALS, SECOND, 8, 3.0),
    hit(fine("UV-Vis 380–700 nm", &SPECTRA, SECOND, 12, 2.0), GivenUp, 8, "spectrometer.read_absorbance"),
    hit(fine("buffer titration pH 7→10", &TITRATION, SECOND, 6, 5.0), StopAfter, 4, ""),
    hit(fine("titration, 2nd batch", &TITRATION, SECOND, 6, 2.0), Retried(1), 5, LIQUID),
    fine("flow optimizer, fine tuning", &FLOW_OPTIMIZER, "mara", 12, 6.0),
    hit(fine("flow at 82 °C, long", &STABILITY, "mara", 240, 4.0), Running, 38, CONVERSION),
];
