// Training from data four times larger than the memory a process may take. (sheet B3) Shards of a set are
// written to a temporary folder; then this program starts itself three times under a limit on its memory, to
// train on a quarter, half and all of them. The peak stays flat.
//
// usage: example_out_of_core [MEGABYTES ALLOWED]   (default 96; 2048 for the long version, which writes 8
// GB)
#include <folio/folio.h>
#include <folio/report/plot.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

using namespace folio;

namespace {

constexpr int64_t kFeatures = 256, kClasses = 4, kShards = 16;

/// One shard: classes that differ a little in every feature; each feature has a range of its own.
void write_shard(const std::string& folder, int64_t shard, int64_t rows) {
  const std::string number = std::to_string(shard) + ".npy";
  NpyWriter x(folder + "/x-" + number, {rows, kFeatures}, DType::float32);
  NpyWriter y(folder + "/y-" + number, {rows}, DType::int32);
  uint64_t state = static_cast<uint64_t>(shard) + 1;
  const auto noise = [&] {  // Marsaglia's xorshift, fast and good enough for noise
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return static_cast<float>(state >> 40) * 0x1p-24F - 0.5F;
  };
  for (int64_t first = 0; first < rows; first += 1000) {
    const int64_t here = std::min<int64_t>(1000, rows - first);
    Tensor features({here, kFeatures}), labels({here}, DType::int32);
    for (int64_t r = 0; r < here; ++r) {
      const int64_t label = (first + r) * 7 % kClasses;
      labels.set(r, static_cast<double>(label));
      for (int64_t f = 0; f < kFeatures; ++f) {
        const float signal = (f + label) % kClasses == 0 ? 0.1F : 0;
        features.data<float>()[r * kFeatures + f] =
            static_cast<float>(100 * f) + static_cast<float>(1 + f) * (noise() + signal);
      }
    }
    x.add(features);
    y.add(labels);
  }
  x.commit();
  y.commit();
}

/// What the limited process does: scale in one pass, train in another, measure. Prints "rows accuracy peak".
int train(const std::string& folder, int64_t shards) {
  std::vector<Rows> x, y;
  for (int64_t shard = 0; shard < shards; ++shard) {
    x.push_back(open_npy(folder + "/x-" + std::to_string(shard) + ".npy"));
    y.push_back(open_npy(folder + "/y-" + std::to_string(shard) + ".npy"));
  }
  Data data = Data::streamed({join_rows(x)}, {join_rows(y)});
  data.buffer = 16 << 20;
  StandardScaler scaler;
  scaler.fit(*data.sources[0]);
  const Sequential model({Input({kFeatures}), scaler.as_layer(), Dense(kClasses, {.activation = "softmax"})});
  model.compile(
      {.optimizer = Adam(0.01), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  const int64_t held_out = data.rows() / 20;
  const History history = model.fit(
      data.slice(0, data.rows() - held_out),
      {.batch_size = 256, .verbose = 0, .validation_data = data.slice(data.rows() - held_out, data.rows())});
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  std::printf("%lld %.4f %.1f\n", static_cast<long long>(data.rows()), history["val_accuracy"][0],
              static_cast<double>(used.ru_maxrss) / 1024);
  return 0;
}

/// Starts this program again under the limit; what it prints.
std::string limited(const std::vector<std::string>& arguments, rlim_t bytes) {
  int ends[2];
  if (pipe(ends) != 0) return "";
  const pid_t child = fork();
  if (child == 0) {
    const rlimit limit{bytes, bytes};
    setrlimit(RLIMIT_AS, &limit);
    dup2(ends[1], STDOUT_FILENO);
    std::vector<char*> words;
    for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    setenv("MALLOC_ARENA_MAX", "1", 1);  // each arena takes 64 MB of addresses, though no memory
    execv("/proc/self/exe", words.data());
    _exit(127);
  }
  close(ends[1]);
  std::string said;
  char buffer[256];
  for (ssize_t got; (got = read(ends[0], buffer, sizeof buffer)) > 0;)
    said.append(buffer, static_cast<size_t>(got));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? said : "";
}

int demonstrate(int64_t allowed) {
  const std::string folder =
      (std::filesystem::temp_directory_path() / ("folio-out-of-core-" + std::to_string(getpid()))).string();
  make_folders(folder);
  const int64_t rows = 4 * (allowed << 20) / kShards / (kFeatures * 4);
  for (int64_t shard = 0; shard < kShards; ++shard) write_shard(folder, shard, rows);
  std::printf("%lld MB allowed\n     data     rows  accuracy  peak memory\n",
              static_cast<long long>(allowed));
  std::vector<double> peaks, sizes;
  bool good = true;
  for (int64_t shards : {kShards / 4, kShards / 2, kShards}) {
    const std::string said =
        limited({"out_of_core", "train", folder, std::to_string(shards)}, static_cast<rlim_t>(allowed) << 20);
    long long all = 0;
    double accuracy = 0, peak = 0;
    good = good && std::sscanf(said.c_str(), "%lld %lf %lf", &all, &accuracy, &peak) == 3 && accuracy > 0.9;
    peaks.push_back(peak);
    sizes.push_back(static_cast<double>(allowed * 4 * shards / kShards));
    std::printf("%6lld MB %8lld  %7.1f%%  %8.1f MB\n", static_cast<long long>(allowed * 4 * shards / kShards),
                all, 100 * accuracy, peak);
  }
  std::filesystem::remove_all(folder);
  write_file_atomically("out_of_core.svg",
                        Plot("Training from data larger than memory")
                            .line("memory allowed", sizes,
                                  std::vector<double>(3, static_cast<double>(allowed)), {.dashed = true})
                            .line("peak memory", sizes, peaks, {.points = true})
                            .x_axis({.label = "data, MB", .low = 0})
                            .y_axis({.label = "memory, MB", .low = 0})
                            .svg());
  const auto [least, most] = std::minmax_element(peaks.begin(), peaks.end());
  return good && *most < 1.25 * *least ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string> arguments(words, words + count);
  try {
    if (count == 4 && arguments[1] == "train") return train(arguments[2], std::atoll(words[3]));
    return demonstrate(count > 1 ? std::atoll(words[1]) : 96);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
