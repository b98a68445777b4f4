//! The made-up lab's workflows: their steps, what they are called with, and what they give back.

use Arg::{Count, Number, Of, Word};

/// One step of a workflow.
pub struct Act {
    /// `instrument.method`.
    pub call: &'static str,
    pub args: &'static [(&'static str, Arg)],
    /// The name under which the answer joins the context; empty for none.
    pub saves: &'static str,
    /// About how long it takes.
    pub seconds: f64,
    /// How often a loop runs it in one iteration.
    pub times: u32,
}

/// An argument of a step: fixed, or a parameter or earlier answer of that name.
#[derive(Clone, Copy)]
pub enum Arg {
    Number(f64),
    Count(i64),
    Word(&'static str),
    Of(&'static str),
}

/// A parameter that changes from row to row.
pub enum Parameter {
    /// Lowest, highest, and decimal places.
    Number(&'static str, f64, f64, i32),
    Choice(&'static str, &'static [&'static str]),
}

/// Where the parameters of an iteration come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum RepeatMode {
    /// Nowhere: the same again and again.
    Repeat,
    /// The rows of a config table.
    Table,
    /// An optimizer's suggestions.
    Optimizer,
}

pub struct Recipe {
    pub deck: &'static str,
    pub mode: RepeatMode,
    pub parameters: &'static [Parameter],
    pub prep: &'static [Act],
    pub main: &'static [Act],
    pub cleanup: &'static [Act],
}

const fn act(
    call: &'static str,
    args: &'static [(&'static str, Arg)],
    saves: &'static str,
    seconds: f64,
) -> Act {
    Act { call, args, saves, seconds, times: 1 }
}

const fn looped(act: Act, times: u32) -> Act {
    Act { times, ..act }
}

const PRIME: Act = act("pump.prime", &[("cycles", Count(3))], "primed", 22.0);
const TARE: Act = act("balance.tare", &[], "", 3.0);
const RINSE: Act = act("hplc.rinse_needle", &[("volume", Number(2.5))], "", 18.0);
const HEATER_OFF: Act = act("reactor.heater_off", &[], "final_temp", 4.0);

pub static SUZUKI: Recipe = Recipe {
    deck: "robot_deck",
    mode: RepeatMode::Table,
    parameters: &[
        Parameter::Number("equivalents", 0.8, 2.4, 2),
        Parameter::Number("temp", 40.0, 110.0, 1),
        Parameter::Choice("solvent", &["toluene", "DMF", "THF/water 4:1", "1,4-dioxane", "µ-emulsion"]),
    ],
    prep: &[PRIME, TARE],
    main: &[
        act("doser.dose_solid", &[("mass_mg", Number(25.0)), ("vial", Word("A1"))], "dosed_mg", 41.0),
        act("pump.dose_liquid", &[("volume", Number(1.5)), ("solvent", Of("solvent"))], "delivered", 12.0),
        act("reactor.heat", &[("temperature", Of("temp"))], "state", 260.0),
        act("reactor.stir", &[("rpm", Count(600)), ("minutes", Number(4.0))], "", 240.0),
        act("hplc.inject_hplc", &[("volume_ul", Number(5.0)), ("method", Word("C18_fast"))], "yield", 95.0),
        act("hplc.read_purity", &[], "purity", 6.0),
    ],
    cleanup: &[RINSE, HEATER_OFF],
};

pub static AMIDE: Recipe = Recipe {
    deck: "robot_deck",
    mode: RepeatMode::Repeat,
    parameters: &[],
    prep: &[TARE],
    main: &[
        act("doser.dose_solid", &[("mass_mg", Number(18.0)), ("vial", Word("B2"))], "dosed_mg", 38.0),
        act("pump.dose_liquid", &[("volume", Number(2.0)), ("solvent", Word("DMF"))], "delivered", 14.0),
        act("reactor.stir", &[("rpm", Count(450)), ("minutes", Number(6.0))], "", 360.0),
        act("balance.weigh", &[], "mass", 5.0),
        act("hplc.inject_hplc", &[("volume_ul", Number(5.0)), ("method", Word("C18_fast"))], "yield", 95.0),
    ],
    cleanup: &[RINSE],
};

pub static CRYSTALS: Recipe = Recipe {
    deck: "robot_deck",
    mode: RepeatMode::Repeat,
    parameters: &[],
    prep: &[act("reactor.heat", &[("temperature", Number(70.0))], "state", 180.0)],
    main: &[
        looped(act("reactor.cool", &[("degrees", Number(5.0))], "temp", 45.0), 4),
        act("probe.read_turbidity", &[], "turbidity (NTU)", 4.0),
        act("camera.take_image", &[("light", Word("ring"))], "photo", 3.0),
        act("camera.describe", &[], "note", 2.0),
    ],
    cleanup: &[HEATER_OFF],
};

pub static HPLC_CALIBRATION: Recipe = Recipe {
    deck: "analytics",
    mode: RepeatMode::Table,
    parameters: &[
        Parameter::Number("concentration", 0.05, 2.0, 3),
        Parameter::Choice("sample_id", &["CAL-01", "CAL-02", "CAL-03", "QC-µ1", "QC-µ2"]),
    ],
    prep: &[PRIME],
    main: &[
        act("pump.aspirate", &[("volume", Number(0.5))], "", 6.0),
        act("hplc.inject_hplc", &[("volume_ul", Number(10.0)), ("method", Word("cal"))], "peak_area", 90.0),
        act("hplc.read_retention", &[], "retention_time (min)", 2.0),
    ],
    cleanup: &[RINSE],
};

pub static FLOW_OPTIMIZER: Recipe = Recipe {
    deck: "flow_deck",
    mode: RepeatMode::Optimizer,
    parameters: &[
        Parameter::Number("temp", 30.0, 120.0, 2),
        Parameter::Number("flow_rate", 0.05, 1.2, 4),
        Parameter::Number("equivalents", 0.8, 3.0, 3),
    ],
    prep: &[PRIME],
    main: &[
        act("reactor.heat", &[("temperature", Of("temp"))], "", 40.0),
        act("pump.set_flow", &[("rate", Of("flow_rate")), ("equivalents", Of("equivalents"))], "", 8.0),
        act("wait.wait", &[("statement", Number(120.0))], "", 120.0),
        act("spectrometer.read_conversion", &[], "yield", 15.0),
        act("spectrometer.read_selectivity", &[], "selectivity", 3.0),
        act("pump.read_pressure", &[], "pressure (bar)", 1.0),
    ],
    cleanup: &[HEATER_OFF],
};

pub static STABILITY: Recipe = Recipe {
    deck: "flow_deck",
    mode: RepeatMode::Repeat,
    parameters: &[],
    prep: &[PRIME],
    main: &[
        act("reactor.read_temperature", &[], "temp (°C)", 2.0),
        act("pump.read_pressure", &[], "line_pressure (bar)", 1.0),
        act("probe.read_ph", &[], "pH", 4.0),
        act("spectrometer.read_conversion", &[], "conversion (%)", 20.0),
        act("wait.wait", &[("statement", Number(45.0))], "", 45.0),
    ],
    cleanup: &[HEATER_OFF],
};

pub static SPECTRA: Recipe = Recipe {
    deck: "analytics",
    mode: RepeatMode::Repeat,
    parameters: &[],
    prep: &[act("spectrometer.blank", &[], "blank_ok", 9.0)],
    main: &[
        act("pump.aspirate", &[("volume", Number(0.8))], "", 6.0),
        act(
            "spectrometer.measure_uv_vis",
            &[("from_nm", Count(380)), ("to_nm", Count(700))],
            "spectrum",
            14.0,
        ),
        act("spectrometer.read_absorbance", &[("wavelength", Count(520))], "absorbance", 2.0),
        act("spectrometer.find_peaks", &[], "peaks", 2.0),
    ],
    cleanup: &[act("pump.flush", &[], "", 12.0)],
};

pub static DOSING_CHECK: Recipe = Recipe {
    deck: "robot_deck",
    mode: RepeatMode::Repeat,
    parameters: &[],
    prep: &[TARE],
    main: &[
        act("pump.dose_liquid", &[("volume", Number(0.005)), ("solvent", Word("water"))], "delivered", 7.0),
        act("balance.weigh", &[], "mass", 5.0),
    ],
    cleanup: &[],
};

pub static TITRATION: Recipe = Recipe {
    deck: "analytics",
    mode: RepeatMode::Repeat,
    parameters: &[],
    prep: &[TARE],
    main: &[
        act("probe.read_ph", &[], "ph_start", 4.0),
        looped(
            act(
                "pump.dose_liquid",
                &[("volume", Number(0.25)), ("solvent", Word("NaOH 0.1 M"))],
                "delivered",
                6.0,
            ),
            5,
        ),
        act("probe.read_ph", &[], "ph_end", 4.0),
        act("comment.comment", &[("statement", Word("end point checked"))], "", 0.2),
    ],
    cleanup: &[act("probe.rinse", &[], "", 10.0)],
};

pub static CLEANING: Recipe = Recipe {
    deck: "robot_deck",
    mode: RepeatMode::Repeat,
    parameters: &[],
    prep: &[],
    main: &[act("pump.flush", &[], "", 60.0), act("hplc.rinse_needle", &[("volume", Number(5.0))], "", 30.0)],
    cleanup: &[HEATER_OFF],
};

/// Every workflow with the name of its script.
pub static ALL: [(&str, &Recipe); 10] = [
    ("suzuki_screen", &SUZUKI),
    ("amide_coupling", &AMIDE),
    ("crystallization", &CRYSTALS),
    ("hplc_calibration", &HPLC_CALIBRATION),
    ("flow_optimizer", &FLOW_OPTIMIZER),
    ("stability_watch", &STABILITY),
    ("uv_vis_spectra", &SPECTRA),
    ("dosing_check", &DOSING_CHECK),
    ("buffer_titration", &TITRATION),
    ("cleaning", &CLEANING),
];
