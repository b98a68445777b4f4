//! What the made-up instruments answer, and how they fail.

use super::{
    python::{made, text},
    random::{Random, round},
};
use crate::model::value::{Dict, Value};

/// Where in its run an answer is asked for.
pub struct Scene<'a> {
    pub context: &'a Dict,
    pub args: &'a Dict,
    /// The iteration, from 0.
    pub nth: usize,
}

impl Scene<'_> {
    /// A number of the context, else what it usually is.
    fn number(&self, name: &str, usual: f64) -> f64 {
        self.context.get(name).and_then(Value::number).unwrap_or(usual)
    }

    fn argument(&self, name: &str) -> f64 {
        self.args.get(name).and_then(Value::number).unwrap_or(1.0)
    }
}

/// The answer that joins the context as `name`.
pub fn measure(name: &str, scene: &Scene<'_>, random: &mut Random) -> Value {
    let n = scene.nth as f64;
    let noise = random.normal();
    let float = |x: f64, places: i32| Value::Float(round(x, places));
    match name {
        "primed" | "blank_ok" => Value::Bool(true),
        "dosed_mg" => float(scene.argument("mass_mg") * (1.0 + 0.009 * noise), 2),
        "delivered" => Value::Float(scene.argument("volume") * (0.998 + 0.001 * round(noise, 1))),
        "mass" => float(10.2 + 0.004 * n + 0.05 * noise, 4),
        "yield" => float((good_yield(scene) + 1.1 * noise).clamp(0.0, 99.6), 2),
        "purity" => float((99.4 - 0.06 * scene.number("temp", 60.0) + 0.4 * noise).min(99.9), 1),
        "selectivity" => float((0.97 - 0.002 * scene.number("temp", 60.0) + 0.01 * noise).min(1.0), 3),
        "pressure (bar)" => float(1.2 + 3.1 * scene.number("flow_rate", 0.5) + 0.03 * noise, 3),
        "state" => state(scene.number("temp", 70.0)),
        "final_temp" => float(28.0 + noise, 1),
        "temp" => float(70.0 - 5.0 * (n + 1.0) + 0.2 * noise, 1),
        "turbidity (NTU)" => float(420.0 / (1.0 + 6.0 / (n + 0.5)) + 6.0 * noise, 1),
        "photo" => text(&format!("crystals_{:03}.png", scene.nth + 1)),
        "note" => text(random.word(&NOTES)),
        "peak_area" => float((1250.0 * scene.number("concentration", 1.0) + 4.0 * noise).max(0.0), 3),
        "retention_time (min)" => float(4.31 + 0.0008 * n + 0.004 * noise, 3),
        "spectrum" => spectrum(n, random),
        "absorbance" => float(0.82 - 0.011 * n + 0.004 * noise, 4),
        "peaks" => peaks(noise),
        "ph_start" => float(4.1 + 0.03 * noise, 2),
        "ph_end" => float(9.8 + 0.12 * noise, 2),
        _ => watched(name, scene.nth, noise),
    }
}

const NOTES: [&str; 5] = [
    "clear solution",
    "needles, \"fluffy\"",
    "Trübung sichtbar, Überprüfung nötig",
    "結晶あり\nsecond crop possible",
    "colour changed to yellow, 5 µL foam",
];

/// The long run's curves: a slow drift, gaps, one spike, a saturation.
fn watched(name: &str, nth: usize, noise: f64) -> Value {
    let n = nth as f64;
    match name {
        "temp (°C)" => Value::Float(round(65.0 + 0.006 * n + 0.15 * noise, 2)),
        "line_pressure (bar)" if nth == 217 => Value::Float(7.94),
        "line_pressure (bar)" => Value::Float(round(2.4 + 0.05 * noise, 3)),
        "pH" if (90..104).contains(&nth) || nth % 61 == 60 => Value::Float(f64::NAN),
        "pH" => Value::Float(round(7.05 - 0.0011 * n + 0.02 * noise, 3)),
        "conversion (%)" => Value::Float(round(97.0 * n / (n + 38.0) + 0.5 * noise.abs(), 2)),
        _ => Value::Null,
    }
}

/// A smooth hill with its top at 82 °C, 1.6 equivalents and a flow of 0.45.
fn good_yield(scene: &Scene<'_>) -> f64 {
    let away = [
        (scene.number("temp", 76.0) - 82.0) / 28.0,
        (scene.number("equivalents", 1.5) - 1.6) / 1.1,
        (scene.number("flow_rate", 0.45) - 0.45) / 0.4,
    ];
    94.0 / (1.0 + away.iter().map(|d| d * d).sum::<f64>())
}

fn state(temp: f64) -> Value {
    Value::Dict(made([
        ("T", Value::Float(temp)),
        ("unit", text("°C")),
        ("ok", Value::Bool(true)),
        ("ramp", Value::List(vec![Value::Float(5.0), Value::Float(10.0)])),
    ]))
}

/// One band that fades and moves to the red.
fn spectrum(n: f64, random: &mut Random) -> Value {
    let point = |i: u32, random: &mut Random| {
        let away = (f64::from(i) - 11.0 - 0.1 * n) / 4.0;
        Value::Float(round(0.82 / (1.0 + away * away) - 0.011 * n + 0.003 * random.normal(), 4))
    };
    Value::List((0..24).map(|i| point(i, random)).collect())
}

fn peaks(noise: f64) -> Value {
    let peak = |x: f64, height: Value| Value::Dict(made([("nm", Value::Float(x)), ("height", height)]));
    Value::List(vec![
        peak(round(521.0 + noise, 1), Value::Float(0.81)),
        peak(round(447.5 + noise, 1), if noise > 1.0 { Value::Null } else { Value::Float(0.2) }),
    ])
}

/// How a call fails: the exception, its text, and the line of the deck that raised it.
pub struct Fault {
    pub class: &'static str,
    pub message: &'static str,
    pub line: &'static str,
}

pub fn fault(call: &str) -> Fault {
    let (class, message, line) = match call {
        "doser.dose_solid" => (
            "RuntimeError",
            "Vial A1 not found in rack A",
            "raise RuntimeError(f\"Vial {vial} not found in rack {rack}\")",
        ),
        "hplc.inject_hplc" => (
            "TimeoutError",
            "injector did not answer within 30 s, \"needle wash\" pending",
            "raise TimeoutError(f'injector did not answer within {limit} s, \"{state}\" pending')",
        ),
        "pump.dose_liquid" | "pump.aspirate" => (
            "ValueError",
            "syringe µ-pump 2: stall at 0.25 mL, 87 % of the stroke",
            "raise ValueError(f\"syringe µ-pump {n}: stall at {volume} mL, {stroke} % of the stroke\")",
        ),
        "reactor.heat" => (
            "RuntimeError",
            "Temperature out of range: 152.0 °C is above the limit of 150 °C",
            "raise RuntimeError(f\"Temperature out of range: {t} °C is above the limit of {limit} °C\")",
        ),
        "balance.weigh" => ("OSError", "Balance did not settle", "raise OSError(\"Balance did not settle\")"),
        _ => ("ConnectionError", "device closed the connection", "self.port.write(command)"),
    };
    Fault { class, message, line }
}
