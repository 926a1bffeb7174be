//! Key files: who signs archives, and whose signature is believed.

use std::{fs, io::Write as _, path::Path};

use anyhow::{Context as _, bail};
use pss_store::signed::{PublicKey, SecretKey};

/// The half that signs.
pub(crate) fn read_secret(path: &Path) -> anyhow::Result<SecretKey> {
    let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    text.parse().with_context(|| path.display().to_string())
}

/// The half that verifies.
pub(super) fn read_public(path: &Path) -> anyhow::Result<PublicKey> {
    let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    text.parse().with_context(|| path.display().to_string())
}

/// A new pair. The secret half goes into a file that nobody else may read, and is shown nowhere.
pub(super) fn make(secret: &Path, public: &Path) -> anyhow::Result<PublicKey> {
    if public.exists() {
        bail!("{} is there already; a key is never overwritten", public.display());
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
    let key = SecretKey::from_bytes(&bytes);
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(secret).with_context(|| format!("{} cannot be made", secret.display()))?;
    writeln!(file, "{}", key.expose())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("{} cannot be written", secret.display()))?;
    fs::write(public, format!("{}\n", key.public()))
        .with_context(|| format!("{} cannot be written", public.display()))?;
    Ok(key.public())
}
