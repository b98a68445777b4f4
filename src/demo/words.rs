//! Words of which the sized data is made.

pub const VERBS: [&str; 20] = [
    "screen",
    "titrate",
    "dissolve",
    "couple",
    "crystallize",
    "calibrate",
    "wash",
    "filter",
    "anneal",
    "mix",
    "extract",
    "dose",
    "sinter",
    "deposit",
    "purify",
    "quench",
    "reflux",
    "spin_coat",
    "evaporate",
    "react",
];

pub const THINGS: [&str; 15] = [
    "suzuki",
    "amide",
    "perovskite",
    "buffer",
    "electrolyte",
    "polymer",
    "catalyst",
    "dye",
    "pump",
    "hplc",
    "enzyme",
    "nanoparticle",
    "salt",
    "ligand",
    "film",
];

pub const METHODS: [&str; 22] = [
    "dose_solid",
    "dose_liquid",
    "stir",
    "heat",
    "cool",
    "wait",
    "aspirate",
    "dispense",
    "move_vial",
    "shake",
    "measure_uv_vis",
    "inject_hplc",
    "weigh",
    "set_temperature",
    "read_ph",
    "filter_sample",
    "centrifuge",
    "take_image",
    "open_valve",
    "close_valve",
    "comment",
    "rinse_needle",
];

pub const SOLVENTS: [&str; 10] = [
    "water",
    "ethanol",
    "acetonitrile",
    "toluene",
    "DMSO",
    "THF",
    "DMF",
    "methanol",
    "ethyl acetate",
    "hexane",
];

pub const NOTES: [&str; 8] = [
    "ok",
    "clear solution",
    "precipitate visible",
    "stable",
    "overshoot, corrected",
    "needle rinsed",
    "foam",
    "colour changed to yellow",
];

pub const QUANTITIES: [&str; 12] = [
    "temperature",
    "volume",
    "mass",
    "concentration",
    "stir_speed",
    "duration",
    "ph",
    "equivalents",
    "flow_rate",
    "voltage",
    "pressure",
    "loading",
];

pub const RESULTS: [&str; 8] =
    ["yield", "purity", "absorbance", "conversion", "conductivity", "peak_area", "turbidity", "selectivity"];

pub const DECKS: [&str; 4] = ["deck", "flow_deck", "robot_deck", "abstract_sdl"];

pub const ERRORS: [&str; 6] = [
    "Connection to the pump timed out",
    "Vial not found in rack A",
    "Balance did not settle",
    "Temperature out of range: 152.0 degC",
    "division by zero",
    "unknown unit: 'mL/min'",
];
