#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "folio/base/error.h"
#include "folio/base/json_text.h"
#include "folio/base/tell.h"
#include "folio/pictures/augmented_set.h"

namespace folio::cli {

std::string augmentation_help() {
  struct Lines final : Fields {
    void visit(const Field& field) override {
      if (std::string(field.key) != "seed" && std::string(field.key) != "rescale")
        text += fmt::format("  --set {}=…  {}\n", field.key, field.rules.help);
    }
    std::string text;
  } lines;
  ImageAugmenterOptions options;
  fields(lines, options);
  return "\nChanges, drawn anew for every copy (default: those of the sheet, " +
         std::string(kSheetAugmentation) + "):\n" + lines.text;
}

int augment(const Options& options) {
  constexpr size_t kNamed = 5;
  apply_common(options);
  catch_interrupts();
  ImageAugmenterOptions changes;
  if (options.settings.empty()) changes = augmenter_options(kSheetAugmentation);
  for (const auto& [key, value] : given_settings(options)) try {
      set_option(changes, key, value);
    } catch (const Error& error) {
      throw UsageError(std::string("--set: ") + error.what());
    }
  const AugmentedSet set =
      write_augmented_set(options.subject, options.output, ImageAugmenter(changes), options.copies);
  if (set.interrupted) {
    tell("folio: interrupted; nothing was written\n");
    return 130;
  }
  for (size_t i = 0; i < std::min(kNamed, set.left_out.size()); ++i)
    warn(set.left_out[i] + "; it is left out");
  if (set.left_out.size() > kNamed)
    warn(fmt::format("{} more pictures cannot be read and are left out", set.left_out.size() - kNamed));
  if (!set.divided)
    warn(fmt::format(
        "{}: is not divided; divide it into train and test before, or copies of one picture come to "
        "stand in both",
        options.subject));
  if (options.json) {
    fmt::print("{}\n", json_text({{"output", options.output},
                                  {"pictures", set.pictures},
                                  {"changed", set.changed},
                                  {"left_out", set.left_out.size()},
                                  {"contact_sheet", set.contact_sheet}}));
  } else {
    fmt::print("{}: {} pictures and {} changed ones\nto look at: {}\n", options.output, set.pictures,
               set.changed, set.contact_sheet);
  }
  return 0;
}

}  // namespace folio::cli
