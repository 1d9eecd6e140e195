//! QR codes (ISO/IEC 18004): bytes as they are, with the strongest error correction.

use qrcode::bits::Bits;
use qrcode::types::{Color, EcLevel};
use qrcode::{QrCode, Version};

use super::PrintError;

/// Light modules that belong around a code on each side.
pub const QUIET: u16 = 4;

/// The modules of a code, without the quiet zone around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modules {
    side: u16,
    dark: Vec<bool>,
}

impl Modules {
    /// The smallest code of these bytes in byte mode at error correction H, which reads with 30 %
    /// of its code words lost.
    ///
    /// Byte mode throughout, though some bytes might be written shorter: the 120 bytes of a mandate
    /// then always take version 11, 61 modules a side.
    pub fn of(bytes: &[u8]) -> Result<Self, PrintError> {
        let refused = PrintError::Code { bytes: bytes.len() };
        let code = (1..=40).find_map(|version| of_version(bytes, Version::Normal(version)));
        let code = code.ok_or(refused)?;
        let side = u16::try_from(code.width()).unwrap_or(u16::MAX);
        let dark = code.into_colors().into_iter().map(|module| module == Color::Dark).collect();
        Ok(Self { side, dark })
    }

    /// Modules on a side.
    pub const fn side(&self) -> u16 {
        self.side
    }

    /// Whether the module in a column and row, from 0 at the upper left, is dark. All around is
    /// light.
    pub fn is_dark(&self, column: i32, row: i32) -> bool {
        let side = i32::from(self.side);
        if !(0..side).contains(&column) || !(0..side).contains(&row) {
            return false;
        }
        let at = row.saturating_mul(side).saturating_add(column);
        usize::try_from(at).ok().and_then(|at| self.dark.get(at)).copied().unwrap_or(false)
    }

    /// The outlines of the dark parts, as corners on the lattice of modules: each outline is closed
    /// and has its dark side at the right hand. Filled together they leave no seams between
    /// modules, whatever draws them.
    pub fn outlines(&self) -> Vec<Vec<(i32, i32)>> {
        outline::of(self)
    }
}

fn of_version(bytes: &[u8], version: Version) -> Option<QrCode> {
    let mut bits = Bits::new(version);
    bits.push_byte_data(bytes).ok()?;
    bits.push_terminator(EcLevel::H).ok()?;
    QrCode::with_bits(bits, EcLevel::H).ok()
}

mod outline;

#[cfg(test)]
mod tests;
