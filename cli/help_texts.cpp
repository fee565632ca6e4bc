#include "cli/help_texts.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "folio/base/version.h"

namespace folio::cli {
namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

// "--epochs", "--no-shuffle": all long names.
std::vector<std::string> options_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_fnames())
      if (std::find(names.begin(), names.end(), "--" + name) == names.end()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> names_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : commands_of(app)) names.push_back(command->get_name());
  return names;
}

// A text between single quotes of a shell.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

void print_bash(const CLI::App& app) {
  fmt::print("_folio() {{\n  local word=${{COMP_WORDS[COMP_CWORD]}} words=\n");
  fmt::print("  if [ \"$COMP_CWORD\" -eq 1 ]; then words={}; else case ${{COMP_WORDS[1]}} in\n",
             quoted(fmt::format("{}", fmt::join(names_of(app), " "))));
  for (const CLI::App* command : commands_of(app))
    fmt::print("    {}) words={};;\n", command->get_name(),
               quoted(fmt::format("{}", fmt::join(options_of(*command), " "))));
  fmt::print(
      "  esac; fi\n  case $word in -*) ;; *) [ \"$COMP_CWORD\" -gt 1 ] && words=;; esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
      "  [ ${{#COMPREPLY[@]}} -gt 0 ] || COMPREPLY=($(compgen -f -- \"$word\"))\n}}\n"
      "complete -o filenames -F _folio folio\n");
}

void print_zsh(const CLI::App& app) {
  fmt::print(
      "#compdef folio\n_folio() {{\n  if (( CURRENT == 2 )); then\n    compadd -- {}\n  else\n    case "
      "$words[2] in\n",
      fmt::join(names_of(app), " "));
  for (const CLI::App* command : commands_of(app))
    fmt::print("      {}) [[ $PREFIX == -* ]] && compadd -- {};;\n", command->get_name(),
               fmt::join(options_of(*command), " "));
  fmt::print("    esac\n    _files\n  fi\n}}\ncompdef _folio folio\n");
}

void print_fish(const CLI::App& app) {
  for (const CLI::App* command : commands_of(app)) {
    fmt::print("complete -c folio -n __fish_use_subcommand -a {} -d {}\n", command->get_name(),
               quoted(command->get_description()));
    for (const CLI::Option* option : command->get_options())
      for (const std::string& name : option->get_lnames())
        fmt::print("complete -c folio -n '__fish_seen_subcommand_from {}' -l {} -d {}{}\n",
                   command->get_name(), name, quoted(option->get_description()),
                   option->get_items_expected_max() > 0 ? " -r" : "");
  }
}

// A line of text in a manual page: no dash or dot of it means anything.
std::string plain(const std::string& text) {
  std::string result;
  for (char c : text)
    result += c == '\\' ? std::string("\\\\") : c == '-' ? std::string("\\-") : std::string(1, c);
  if (result.starts_with('.') || result.starts_with('\'')) result = "\\&" + result;
  return result;
}

}  // namespace

int completion(const CLI::App& app, const std::string& shell) {
  (shell == "bash" ? print_bash : shell == "zsh" ? print_zsh : print_fish)(app);
  return 0;
}

int manual(const CLI::App& app) {
  fmt::print(
      ".TH FOLIO 1 \"\" \"folio {}\" \"User Commands\"\n.SH NAME\nfolio \\- deep learning at a terminal\n",
      kVersion);
  fmt::print(".SH SYNOPSIS\n.B folio\n.I COMMAND\n[\\fIOPTIONS\\fR]\n.SH DESCRIPTION\n");
  fmt::print(
      "Trains, judges and uses neural networks: recipes on known data or one's own, and the model files of "
      "Keras.\n");
  for (const CLI::App* command : commands_of(app)) {
    fmt::print(".SH {}\n{}\n", plain(command->get_name()), plain(command->get_description()));
    for (const CLI::Option* option : command->get_options())
      fmt::print(".TP\n.B {}\n{}\n", plain(option->get_name(true, true)), plain(option->get_description()));
  }
  fmt::print(
      ".SH EXIT STATUS\n0 done; 1 an error, told on standard error; 2 wrong usage; 3 a training that met a "
      "value that is not finite; 130 interrupted.\n");
  return 0;
}

}  // namespace folio::cli
