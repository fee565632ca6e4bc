#include "folio/kernels/cpu/isa.h"

#include <cstdlib>

#include "folio/base/error.h"
#include "folio/kernels/cpu/functions.h"

namespace folio::cpu {

const Functions& baseline_functions();
const Functions& avx2_functions();
const Functions& avx512_functions();

const char* to_string(Isa isa) {
  constexpr const char* kNames[] = {"baseline", "avx2", "avx512"};
  return kNames[static_cast<int>(isa)];
}

const std::vector<Isa>& available_isas() {
  static const std::vector<Isa> isas = [] {
    __builtin_cpu_init();
    std::vector<Isa> found{Isa::baseline};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) found.push_back(Isa::avx2);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
      found.push_back(Isa::avx512);
    return found;
  }();
  return isas;
}

Isa active_isa() {
  static const Isa isa = [] {
    const char* wanted = std::getenv("FOLIO_ISA");
    if (!wanted || !*wanted) return available_isas().back();
    std::string names;
    for (Isa candidate : available_isas()) {
      if (std::string(wanted) == to_string(candidate)) return candidate;
      names += std::string(names.empty() ? "" : ", ") + to_string(candidate);
    }
    throw Error("FOLIO_ISA: expected one of " + names + " on this processor, got \"" + wanted +
                "\"; unset it to use the best");
  }();
  return isa;
}

const Functions& functions(Isa isa) {
  switch (isa) {
    case Isa::avx512:
      return avx512_functions();
    case Isa::avx2:
      return avx2_functions();
    case Isa::baseline:
      break;
  }
  return baseline_functions();
}

const Functions& functions() {
  static const Functions& table = functions(active_isa());
  return table;
}

}  // namespace folio::cpu
