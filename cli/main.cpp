// `folio`: the library at a terminal. Parses the command line and turns mistakes into one message and an exit
// status.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <system_error>

#include "cli/commands.h"
#include "cli/help_texts.h"
#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/base/range.h"
#include "folio/base/spelling.h"
#include "folio/base/tell.h"
#include "folio/base/version.h"
#include "folio/recipes/recipe.h"

namespace {

using folio::tell;
using folio::cli::Options;

constexpr int kUsage = 2, kNonFinite = 3;

template <class F>
std::string complaint(F&& f) {
  try {
    f();
    return "";
  } catch (const folio::Error& error) {
    return error.what();
  }
}

// Every number that comes in is looked at in the same way.
CLI::Validator in(folio::Range range) {
  return {[range](std::string& text) { return complaint([&] { range.parse(text, ""); }); }, ""};
}

// A standard stream that was closed gets a place that takes nothing, so that no file takes its number, and
// what is written to it does not end in that file.
void keep_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(stream, F_GETFD) < 0 && errno == EBADF) (void)!::open("/dev/null", O_RDONLY);
}

// The results are what the command is for: they have arrived, or it has failed.
int delivered(int status) {
  std::cout.flush();
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout.good()) return status;
  if (status != 0) return status;
  tell(fmt::format(
      "folio: error: standard output: could not write the result, got \"{}\"; check where it goes\n",
      std::generic_category().message(errno)));
  return 1;
}

void add_common(CLI::App* app, Options& o) {
  app->add_option("--threads", o.threads, "Threads to use (default: all)")->check(in({1, 1024, true}));
  app->add_flag("--json", o.json, "Machine-readable result on standard output, nothing else there");
  app->add_flag("--quiet", o.quiet, "No progress");
}

/// An option for each field of a list: "batch_size" becomes --batch-size, and what is true or false has its
/// opposite with --no-.
class AddOptions final : public folio::Fields {
 public:
  explicit AddOptions(CLI::App* app) : app_(app) {}
  void visit(const Field& field) override {
    std::string name = field.key;
    std::replace(name.begin(), name.end(), '_', '-');
    const auto read = [value = field.value, name, &type = field.type,
                       rules = field.rules](const std::string& text) {
      try {
        folio::read_text({name.c_str(), value, type, rules}, text);
      } catch (const folio::Error& error) {
        throw CLI::ValidationError(std::string("--") + error.what());
      }
    };
    if (&field.type == &folio::kFieldType<std::optional<bool>>)
      app_->add_flag_function(
          "--" + name + ",!--no-" + name, [read](int64_t count) { read(count > 0 ? "true" : "false"); },
          field.rules.help);
    else
      app_->add_option_function<std::string>("--" + name, read, field.rules.help)->type_name(kind(field));
  }

 private:
  static const char* kind(const Field& field) {
    if (&field.type == &folio::kFieldType<std::optional<double>>) return "NUMBER";
    if (&field.type == &folio::kFieldType<std::optional<std::string>>) return "TEXT";
    return &field.type == &folio::kFieldType<std::optional<int>> ||
                   &field.type == &folio::kFieldType<std::optional<int64_t>> ||
                   &field.type == &folio::kFieldType<std::optional<uint64_t>>
               ? "INT"
               : "LIST";
  }

  CLI::App* app_;
};

void add_training(CLI::App* app, Options& o) {
  AddOptions options(app);
  fields(options, o.training);
  app->add_option("--run", o.run, "Folder for what comes out: models, history, checkpoints");
  app->add_flag("--resume", o.resume, "Go on with the run in the folder --run as if it had never stopped");
}

void add_compile(CLI::App* app, Options& o) {
  app->add_option("--loss", o.loss, "Replaces the loss, e.g. mse, binary_crossentropy");
  app->add_option("--metrics", o.metrics, "Replaces the metrics: accuracy,mae")->delimiter(',');
}

// The option or command that the user probably meant.
std::string suggestion(const CLI::App& app, const std::string& word) {
  std::vector<std::string> known;
  if (word.starts_with("-")) {
    for (const CLI::App* sub : app.get_subcommands())
      for (const CLI::Option* option : sub->get_options())
        for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  } else {
    for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
      known.push_back(sub->get_name());
  }
  const std::string given = word.substr(0, word.find('='));
  const std::string near = folio::nearest(given, known);
  return near.empty() || near == given ? "" : fmt::format("; did you mean {}?", near);
}

int run(int argc, char** argv) {
  Options o;
  CLI::App app{"Folio: the deep-learning sheet as software.\nFor example: folio train lenet5", "folio"};
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("folio ") + folio::kVersion);
  app.get_formatter()->column_width(34);

  auto* train = app.add_subcommand("train", "Train a recipe of the sheet: folio train lenet5 --data mnist");
  train->add_option("RECIPE", o.subject, "See folio recipes")->required();
  train->add_option(
      "--data", o.data,
      "A known data set (see folio datasets), a folder that holds it, a folder of pictures or sounds with "
      "one sub-folder per class, or a .csv table");
  train->add_option("--target", o.target,
                    "The column of a table that is to be predicted (default: the last)");
  train->add_option("--set", o.settings, "A setting of the recipe: KEY=VALUE");
  train->add_flag("--doctor,!--no-doctor", o.doctor,
                  "Watch the training and say what is wrong and what to try (default)");
  train->add_flag("--profile", o.profile, "Print where the time of a step goes");
  add_training(train, o);

  auto* fit = app.add_subcommand(
      "fit", "Train a model file: folio fit model.keras --data train.npz --epochs 5 --output trained.keras");
  fit->add_option("MODEL", o.subject,
                  "A .keras or .h5 file, or the folder of a run (its best model); it is never changed")
      ->required();
  fit->add_option(
         "--data", o.data,
         "An .npz with x and y (or arrays named as inputs and outputs), a folder or \"pattern*\" of parts "
         "of them (read while training, so larger than memory), or a known data set")
      ->required();
  fit->add_option("--target", o.target, "The column of a .csv that is to be predicted (default: the last)");
  fit->add_option("--validation-data", o.validation_data, "The same, for validation");
  fit->add_option("--validation-split", o.validation_split, "Share of the last rows kept for validation")
      ->check(in(folio::kShares));
  fit->add_option("--validation-steps", o.validation_steps, "Batches of validation (default: all)")
      ->check(in(folio::kCounts));
  fit->add_option("--output", o.output, "Where the trained model goes, with its optimizer state");
  fit->add_flag("--overwrite", o.overwrite,
                "Let --output be the model itself, and replace files of any kind");
  fit->add_option("--history", o.history, "Write losses and metrics per epoch to this .json file");
  add_training(fit, o);
  add_compile(fit, o);

  auto* evaluate = app.add_subcommand(
      "evaluate", "Loss and metrics of a model file: folio evaluate model.keras --data test.npz");
  evaluate->add_option("MODEL", o.subject, "A .keras or .h5 file, or the folder of a run (its best model)")
      ->required();
  evaluate
      ->add_option("--data", o.data,
                   "An .npz with x and y, a folder or \"pattern*\" of them, or a known data set")
      ->required();
  evaluate->add_option("--target", o.target,
                       "The column of a .csv that the model predicts (default: the last)");
  evaluate->add_option("--batch-size", o.training.batch_size, "Samples per step (default 32)")
      ->check(in(folio::kCounts));
  evaluate
      ->add_option(
          "--beam", o.beam,
          "Of models of pairs or captions: texts that are followed to find the likeliest (default 4)")
      ->check(in({1, 1000, true}));
  evaluate->add_option("--weights", o.training.weights, "Use the weights in this file");
  add_compile(evaluate, o);

  auto* predict = app.add_subcommand(
      "predict", "What a model says: folio predict model.keras --input x.npy --output y.npy");
  predict->add_option("MODEL", o.subject, "A .keras or .h5 file, or the folder of a run (its best model)")
      ->required();
  predict->add_option(
      "INPUT,--input", o.inputs,
      "What the model was trained on: a table, pictures, sounds or a folder of them, an .npy, an "
      ".npz with one array per input, a folder or "
      "\"pattern*\" of them, or - for standard input");
  predict->add_option("--text", o.texts, "A text, for models of texts; may be given again");
  predict->add_option("--output", o.output,
                      "An .npy for one output, an .npz for several, a .csv for people, or - for a .csv on "
                      "standard output; of models that make pictures a .png, or a folder (NAME/) for many "
                      "(default: a table, or with --json a list, on standard output)");
  predict
      ->add_option("--threshold", o.threshold,
                   "Of two classes, from which probability on the second is taken (default 0.5)")
      ->check(in({0, 1}));
  predict
      ->add_option(
          "--beam", o.beam,
          "Of models of pairs or captions: texts that are followed to find the likeliest (default 4)")
      ->check(in({1, 1000, true}));
  predict->add_option("--target", o.target, "A column of a .csv that is no input");
  predict->add_option("--batch-size", o.training.batch_size, "Samples per step (default 32)")
      ->check(in(folio::kCounts));
  predict->add_option("--weights", o.training.weights, "Use the weights in this file");

  auto* summary = app.add_subcommand("summary", "Layers, shapes and parameters: folio summary lenet5");
  summary
      ->add_option("MODEL", o.subject, "A .keras or .h5 file, the folder of a run, or the name of a recipe")
      ->required();
  summary->add_option("--weights", o.training.weights, "Check that these weights fit");
  summary->add_option("--set", o.settings, "A setting of the recipe: KEY=VALUE");

  auto* convert = app.add_subcommand(
      "convert",
      "Between kinds of model file, by extension; .dot and .svg draw it: folio convert model.h5 model.keras");
  convert
      ->add_option("IN", o.subject,
                   "A .keras or .h5 file, or one of word vectors (.txt, .vec, .bin); it is never changed")
      ->required();
  convert
      ->add_option(
          "OUT", o.output,
          "A name that ends in .keras, .h5 or .weights.h5 (weights and optimizer state arrive bit for "
          "bit), .dot or .svg; of an embedding of words also .txt (as GloVe), .vec or .bin (as word2vec)")
      ->required();
  convert->add_option("--weights", o.training.weights, "Use the weights in this file");

  auto* generate = app.add_subcommand(
      "generate", "Go on with a text: folio generate runs/generate-… --prompt \"ROMEO:\" --length 200");
  generate->add_option("MODEL", o.subject, "A model that was trained on a text, or the folder of a run")
      ->required();
  generate->add_option("--prompt", o.prompt, "What the text begins with (default: a new line)");
  generate->add_option("--length", o.length, "Characters behind the prompt (default 400)")
      ->check(in(folio::kCountsOrNone));
  generate
      ->add_option(
          "--temperature", o.temperature,
          "Below 1 likelier characters become likelier still; 0 takes the likeliest always (default 1)")
      ->check(in({.least = 0, .most = 1e6}));
  generate->add_option("--top-k", o.top_k, "Only so many of the likeliest (default 0: all)")
      ->check(in(folio::kCountsOrNone));
  generate->add_option("--top-p", o.top_p, "Only the likeliest, until together they reach it (default 1)")
      ->check(in({.least = 0, .most = 1}));
  generate->add_option("--seed", o.training.seed, "The same seed gives the same text (default 1)");
  generate->add_option("--weights", o.training.weights, "Use the weights in this file");

  auto* augment = app.add_subcommand(
      "augment",
      "Write a set of pictures with changed copies: folio augment photos --output more --copies 3 --set "
      "rotation_range=20");
  augment
      ->add_option(
          "DATA", o.subject,
          "A folder of pictures, of which only train is changed where it is divided; an .npz with x; or a "
          "known data set. It is never changed")
      ->required();
  augment->add_option("--output", o.output, "A new folder, for all of it and contact-sheet.png")->required();
  augment->add_option("--copies", o.copies, "Changed ones of each picture (default 1)")
      ->check(in({1, 1000, true}));
  augment->add_option("--set", o.settings, "How pictures change: KEY=VALUE; may be given again");
  augment->add_option("--seed", o.training.seed, "The same seed gives the same pictures (default 1)");
  augment->footer(folio::cli::augmentation_help());
  auto* neighbours = app.add_subcommand(
      "neighbours",
      "The nearest words of an embedding: folio neighbours glove.txt king - man + woman --count 5");
  neighbours
      ->add_option(
          "MODEL", o.subject,
          "A model with an Embedding of words, the folder of a run, or a file of vectors (.txt, .vec "
          "or .bin of GloVe, word2vec or fastText)")
      ->required();
  neighbours->add_option("WORD", o.words, "A word, or several with + and - between them")->required();
  neighbours->add_option("--count,-k", o.count, "How many words are shown (default 10)")
      ->check(in({1, 100'000, true}));
  auto* translate = app.add_subcommand(
      "translate", "What a model of pairs says of texts: folio translate runs/translate-… \"A dog runs.\"");
  translate->add_option("MODEL", o.subject, "A model that was trained on pairs, or the folder of a run")
      ->required();
  translate->add_option("TEXT,--text", o.texts, "A text; several are taken one by one");
  translate->add_option("--input", o.input,
                        "A file with a text a line, plain or .gz, or - for standard input");
  translate->add_option(
      "--output", o.output,
      "A file for what is said, a text a line, a .csv with what was given beside it, or - (default: "
      "standard output)");
  translate->add_option("--beam", o.beam, "Texts that are followed to find the likeliest (default 4)")
      ->check(in({1, 1000, true}));
  translate->add_option("--weights", o.training.weights, "Use the weights in this file");

  auto* fresh = app.add_subcommand(
      "new", "An untrained model file of a recipe's network: folio new lenet5 --output lenet5.keras");
  fresh->add_option("RECIPE", o.subject, "See folio recipes")->required();
  fresh->add_option("--output", o.output, "A name that ends in .keras or .h5")->required();
  fresh->add_option("--set", o.settings, "A setting of the recipe: KEY=VALUE");
  fresh->add_option("--seed", o.training.seed, "Of the weights it begins with (default 1)");

  auto* report =
      app.add_subcommand("report", "The page of a run, made again from its folder: folio report runs/lenet5");
  report->add_option("RUN", o.subject, "The folder of a run, an interrupted one too")->required();
  report->add_option("--output", o.output, "Where the page goes (default RUN/report.html)");

  auto* compare =
      app.add_subcommand("compare", "Runs side by side, as a table and a page: folio compare runs/a runs/b");
  compare->add_option("RUN", o.runs, "Folders of runs, at least two")->required();
  compare->add_option("--output", o.output, "Where the page goes (default compare.html)");

  auto* recipes = app.add_subcommand("recipes", "What can be trained");
  auto* datasets = app.add_subcommand("datasets", "Which data sets are known, and where they come from");
  auto* sheet = app.add_subcommand("sheet", "The living sheet, row by row: folio sheet D1");
  sheet->add_option("ROW", o.subject, "Such as C2 (default: a list of the rows)");
  sheet->add_option("--html", o.html,
                    "Write all of it, the guides and the library's headers as a site into this folder");
  auto* version = app.add_subcommand("version", "Version, instruction sets, threads, libraries");
  auto* completion = app.add_subcommand(
      "completion", "What a shell needs to complete commands and options: folio completion bash >>~/.bashrc");
  completion->add_option("SHELL", o.subject, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  auto* manual = app.add_subcommand("manual", "The manual page: folio manual >folio.1, then man ./folio.1");
  std::string topic;
  auto* help = app.add_subcommand("help", "The same as --help: folio help fit");
  help->add_option("COMMAND", topic, "A command; all without one");

  for (auto* sub : {predict, translate, convert, fresh, report, compare})
    sub->add_flag("--overwrite", o.overwrite, "Replace a file that this command did not write");
  for (auto* sub : {train, fit, evaluate, predict, generate, augment, neighbours, translate, summary, convert,
                    fresh, report, compare, recipes, datasets, sheet, version})
    add_common(sub, o);

  // A recipe's own settings belong to its help.
  if (argc >= 3 && std::string(argv[1]) == "train")
    for (int i = 2; i < argc; ++i)
      if (std::string(argv[i]) == "--help" && argv[2][0] != '-') try {
          train->footer(folio::cli::recipe_help(argv[2]));
        } catch (const folio::Error&) {
        }

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // for help, or the version
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    std::string hint;
    for (int i = 1; i < argc && hint.empty(); ++i)
      if (i == 1 || argv[i][0] == '-')
        if (std::string(error.what()).find(argv[i]) != std::string::npos || i == 1) {
          bool known = false;
          for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
            known = known || sub->get_name() == argv[i];
          if (!known) hint = suggestion(app, argv[i]);
        }
    tell(fmt::format("folio: error: {}{}\n", error.what(), hint));
    std::string command = "folio";
    for (const CLI::App* sub : app.get_subcommands()) command += " " + sub->get_name();
    tell(fmt::format("folio: see {} --help\n", command));
    return kUsage;
  }

  try {
    for (const CLI::App* sub : {fit, evaluate, predict, generate, translate, convert})
      if (*sub) o.subject = folio::cli::model_file(o.subject);
    if (*help) {
      if (topic.empty()) {
        fmt::print("{}", app.help());
        return 0;
      }
      const auto all = app.get_subcommands([](const CLI::App*) { return true; });
      const auto found = std::find_if(all.begin(), all.end(),
                                      [&](const CLI::App* command) { return command->get_name() == topic; });
      if (found == all.end())
        throw folio::UsageError(
            fmt::format("help: there is no command \"{}\"{}", topic, suggestion(app, topic)));
      fmt::print("{}", (*found)->help("folio " + topic));
      return 0;
    }
    if (*completion) return folio::cli::completion(app, o.subject);
    if (*manual) return folio::cli::manual(app);
    if (*train) return folio::cli::train(o);
    if (*fit) return folio::cli::fit(o);
    if (*evaluate) return folio::cli::evaluate(o);
    if (*predict) {
      if (o.inputs.size() == 1) o.input = o.inputs[0];
      return folio::cli::predict(o);
    }
    if (*generate) return folio::cli::generate(o);
    if (*augment) return folio::cli::augment(o);
    if (*neighbours) return folio::cli::neighbours(o);
    if (*translate) return folio::cli::translate(o);
    if (*summary) return folio::cli::summary(o);
    if (*convert) return folio::cli::convert(o);
    if (*report) return folio::cli::report(o);
    if (*compare) return folio::cli::compare(o);
    if (*fresh) return folio::cli::new_model(o);
    if (*recipes) return folio::cli::recipes(o);
    if (*datasets) return folio::cli::datasets(o);
    if (*sheet) return folio::cli::sheet(o);
    return folio::cli::version(o);
  } catch (const folio::UsageError& error) {
    tell(fmt::format("folio: error: {}\n", error.what()));
    return kUsage;
  } catch (const folio::NonFiniteError& error) {
    tell(fmt::format("folio: error: {}\n", error.what()));
    return kNonFinite;
  } catch (const std::bad_alloc&) {
    tell("folio: error: out of memory; try a smaller --batch-size\n");
  } catch (const std::exception& error) {
    tell(fmt::format("folio: error: {}\n", error.what()));
  }
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  keep_streams();
  std::signal(SIGXFSZ, SIG_IGN);  // a file beyond `ulimit -f` is an error like a full disk
  return delivered(run(argc, argv));
}
