// Texts for shells and readers, made of what the command line knows of itself.
#pragma once
#include <string>

namespace CLI {
class App;
}

namespace folio::cli {

/// Prints what `shell` ("bash", "zsh", "fish") reads to complete commands, options and files.
int completion(const CLI::App& app, const std::string& shell);
/// Prints the manual page, for man.
int manual(const CLI::App& app);

}  // namespace folio::cli
