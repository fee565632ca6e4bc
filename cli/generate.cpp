#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "folio/base/error.h"
#include "folio/base/json_text.h"
#include "folio/models/trainer.h"
#include "folio/recipes/generation.h"

namespace folio::cli {

int generate(const Options& options) {
  apply_common(options);
  const Model model = load_model(options);
  GenerationOptions generation;
  generation.sampling = {.temperature = options.temperature,
                         .top_k = options.top_k,
                         .top_p = options.top_p,
                         .seed = options.training.seed.value_or(1)};
  generation.length = options.length;
  if (options.json) {
    const std::string text = continue_text(model, options.prompt, generation);
    fmt::print("{}\n", json_text({{"prompt", options.prompt}, {"text", text}}));
    return 0;
  }
  bool begun = false;
  continue_text(model, options.prompt, generation, [&](const std::string& piece) {
    if (!begun) fmt::print("{}", options.prompt);
    begun = true;
    fmt::print("{}", piece);
    std::fflush(stdout);
  });
  fmt::print("\n");
  return 0;
}

}  // namespace folio::cli
