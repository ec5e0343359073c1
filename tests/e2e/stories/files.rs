//! Files that come in.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::Told;
use crate::page::Page;

/// Every bad file gets a message that says what is wrong; the drawing stays and goes on running.
pub async fn bad_files_are_explained_and_the_design_stays(page: Page) -> Told {
    page.open("").await?;
    page.add("[data-kind='cache']", 0.5, 0.8).await?;
    let drawn = page.components().await?;
    let starter = headroom::design::examples::Example::STARTER.file();
    let misspelt = starter.replacen("\"users\"", "\"usres\"", 1);
    let bad = [
        (write("unknown_field.json", misspelt.as_bytes())?, "usres"),
        (write("truncated.json", &starter.as_bytes()[..starter.len() / 2])?, "truncated.json"),
        (huge("huge.json", 50_000_000)?, "huge.json"),
        (write("picture.json", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")?, "picture.json"),
    ];
    for (file, words) in bad {
        page.choose_file(&file).await?;
        page.until_says("#notices", words).await?;
        if page.components().await? != drawn {
            return Err(format!("{} has changed the drawing", file.display()).into());
        }
    }
    page.let_run(1.0).await
}

/// A good file replaces the drawing, and the simulation runs it.
pub async fn a_saved_design_opens_again(page: Page) -> Told {
    page.open("").await?;
    let example = headroom::design::examples::Example::REPLICATED;
    let design = example.design();
    page.choose_file(&write("replicated.json", example.file().as_bytes())?).await?;
    page.until("the file's parts are on the drawing", || async {
        Ok(page.components().await?.len() == design.components().count())
    })
    .await?;
    let title = page.value("#title").await?;
    if title != design.settings().title {
        return Err(format!("the design is called {title:?}").into());
    }
    page.let_run(1.0).await
}

fn folder() -> Told<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/e2e/files");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// Writes a file that a person could choose.
pub fn write(name: &str, bytes: &[u8]) -> Told<PathBuf> {
    let file = folder()?.join(name);
    fs::write(&file, bytes)?;
    Ok(file)
}

/// A file of this many bytes, which takes no room on the disk where the system can help it.
fn huge(name: &str, bytes: u64) -> Told<PathBuf> {
    let file = folder()?.join(name);
    File::create(&file)?.set_len(bytes)?;
    Ok(file)
}
