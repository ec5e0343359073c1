//! Same seed, same bits: natively without any picture, and in the browser with one.

use headroom::design::examples::starter;
use headroom::network::compile;
use headroom::sim::Simulation;
use headroom::units::SimTime;

use crate::Told;
use crate::page::Page;

const SEED: u64 = 7;
const USERS: u64 = 40_000;
const SECS: f64 = 12.0;

/// Twelve simulated seconds near overload, natively, in real time, at fifty times that, and with motion switched off.
pub async fn any_speed_gives_the_bits_of_a_native_run(page: Page) -> Told {
    let mut network = compile(&starter()).map_err(|problems| format!("the starter design: {problems:?}"))?;
    network.users = USERS;
    let mut native = Simulation::new(network, SEED);
    native.advance(SimTime::from_secs_f64(SECS));
    let expected = format!("{:016x}", native.fingerprint());
    if native.events() < 20_000 {
        return Err(format!("{} events prove little", native.events()).into());
    }
    for (speed, motion) in [("1", "no-preference"), ("50", "no-preference"), ("50", "reduce")] {
        let features = serde_json::json!({ "features": [{ "name": "prefers-reduced-motion", "value": motion }] });
        page.window().cdp().send_raw("Emulation.setEmulatedMedia", features).await?;
        page.open(&format!("?seed={SEED}&users={USERS}&stopafter={SECS}&speed={speed}")).await?;
        page.until("the run has stopped", || async { Ok(page.clock_secs().await? >= SECS) }).await?;
        page.until("it says what it was", || async { Ok(page.text("#fingerprint").await?.contains("12.000")) }).await?;
        let said = page.text("#fingerprint").await?;
        if !said.contains(&expected) {
            return Err(format!("natively {expected}; at speed {speed}, motion {motion}: {said:?}").into());
        }
        if page.clock_secs().await? != SECS {
            return Err("it did not stop where it was told to".into());
        }
    }
    println!("          {} events, fingerprint {expected} in all four runs", native.events());
    Ok(())
}
