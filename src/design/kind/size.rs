//! Sizes that machines come in: vertical scaling means another class, and ends at the largest.

use crate::design::field::choice;

choice! {
    /// A size that is on offer, by its cores; memory comes along at 4 GB per core.
    pub enum SizeClass {
        /// As many cores and as much memory as stated beside it.
        Custom = "custom",
        /// 2 cores, 8 GB.
        Cores2 = "cores_2",
        /// 4 cores, 16 GB.
        Cores4 = "cores_4",
        /// 8 cores, 32 GB.
        Cores8 = "cores_8",
        /// 16 cores, 64 GB.
        Cores16 = "cores_16",
        /// 32 cores, 128 GB.
        Cores32 = "cores_32",
        /// 64 cores, 256 GB.
        Cores64 = "cores_64",
        /// 96 cores, 384 GB: the largest of the family.
        Cores96 = "cores_96",
    }
}

/// Memory per core of a general-purpose machine [MB].
pub const MEMORY_PER_CORE_MB: f64 = 4096.0;

impl SizeClass {
    /// Cores of the class; `custom` where it has none of its own.
    pub const fn cores(self, custom: u32) -> u32 {
        match self {
            Self::Custom => custom,
            Self::Cores2 => 2,
            Self::Cores4 => 4,
            Self::Cores8 => 8,
            Self::Cores16 => 16,
            Self::Cores32 => 32,
            Self::Cores64 => 64,
            Self::Cores96 => 96,
        }
    }

    /// Memory of the class [MB]; `custom_mb` where it has none of its own.
    pub const fn memory_mb(self, custom_mb: f64) -> f64 {
        match self {
            Self::Custom => custom_mb,
            _ => self.cores(0) as f64 * MEMORY_PER_CORE_MB,
        }
    }
}
