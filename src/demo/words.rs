//! Words of which the sized data is made.

use std::sync::LazyLock;

/// A list of words, split when it is needed first.
type Words = LazyLock<Vec<&'static str>>;

fn split(words: &'static str) -> Vec<&'static str> {
    words.split('|').collect()
}

pub static VERBS: Words = LazyLock::new(|| {
    split(
        "screen|titrate|dissolve|couple|crystallize|calibrate|wash|filter|anneal|mix|extract|dose|sinter|deposit|\
         purify|quench|reflux|spin_coat|evaporate|react",
    )
});

pub static THINGS: Words = LazyLock::new(|| {
    split(
        "suzuki|amide|perovskite|buffer|electrolyte|polymer|catalyst|dye|pump|hplc|enzyme|nanoparticle|salt|ligand|\
         film",
    )
});

pub static METHODS: Words = LazyLock::new(|| {
    split(
        "dose_solid|dose_liquid|stir|heat|cool|wait|aspirate|dispense|move_vial|shake|measure_uv_vis|inject_hplc|\
         weigh|set_temperature|read_ph|filter_sample|centrifuge|take_image|open_valve|close_valve|comment|\
         rinse_needle",
    )
});

pub static SOLVENTS: Words =
    LazyLock::new(|| split("water|ethanol|acetonitrile|toluene|DMSO|THF|DMF|methanol|ethyl acetate|hexane"));

pub static NOTES: Words = LazyLock::new(|| {
    split(
        "ok|clear solution|precipitate visible|stable|overshoot, corrected|needle rinsed|foam|\
         colour changed to yellow",
    )
});

pub static QUANTITIES: Words = LazyLock::new(|| {
    split(
        "temperature|volume|mass|concentration|stir_speed|duration|ph|equivalents|flow_rate|voltage|pressure|loading",
    )
});

pub static RESULTS: Words = LazyLock::new(|| {
    split("yield|purity|absorbance|conversion|conductivity|peak_area|turbidity|selectivity")
});

pub static DECKS: Words = LazyLock::new(|| split("deck|flow_deck|robot_deck|abstract_sdl"));

pub static ERRORS: Words = LazyLock::new(|| {
    split(
        "Connection to the pump timed out|Vial not found in rack A|Balance did not settle|\
         Temperature out of range: 152.0 degC|division by zero|unknown unit: 'mL/min'",
    )
});
