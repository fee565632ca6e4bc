// A number for a text that is the same everywhere and always.
#pragma once
#include <cstdint>
#include <string_view>

namespace folio {

/// FarmHash's Fingerprint64 (Pike and Alakuijala, 2014), by which TensorFlow puts texts into buckets.
uint64_t fingerprint(std::string_view text);

}  // namespace folio
