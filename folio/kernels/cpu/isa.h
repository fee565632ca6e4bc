// Which instruction set the kernels use.
#pragma once
#include <string>
#include <vector>

namespace folio::cpu {

enum class Isa { baseline, avx2, avx512 };

/// "baseline", "avx2", "avx512".
const char* to_string(Isa isa);
/// The sets this processor (and operating system) can run, least first; always holds `baseline`.
const std::vector<Isa>& available_isas();
/// The best available set, or the one that the environment variable FOLIO_ISA names; read once.
/// Throws `Error` when FOLIO_ISA names none of them or one that this processor lacks.
Isa active_isa();

}  // namespace folio::cpu
