// A libFuzzer target for everything that a Keras file is made of. What an input begins with says what it is:
//
//   PK     a zip file, read as .keras
//   \x89HDF  an HDF5 file, read as legacy .h5 and as weights
//   \x93NUM  an array file
//   else   a config.json, put into a sound zip beside the weights of an empty model
//
// An `Error` is fine, and so is a model; anything else that happens is a finding. `make fuzz` runs it.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/zip.h"
#include "folio/data/npy.h"
#include "folio/formats/keras_file.h"
#include "folio/formats/keras_model.h"

namespace {

using namespace folio;

/// A file that lies in memory, with a name by which it can be opened.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : handle_(::memfd_create("input", MFD_CLOEXEC)) {
    if (handle_ < 0 || ::write(handle_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
      std::abort();
  }
  ~MemoryFile() { ::close(handle_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(handle_); }

 private:
  int handle_;
};

/// Runs `work`; what is not an `Error` ends the program.
template <class Work>
void attempt(Work&& work) {
  try {
    work();
  } catch (const Error&) {
  }
}

void read_model(const std::string& path) {
  attempt([&] {
    const Model model = Model::load(path);
    if (model.compiled() && model.layers().empty()) std::abort();
  });
  attempt([&] { load_architecture(path); });
}

/// A zip file with this config, stored.
std::string zip_with(std::string_view config) {
  const std::string path = "/tmp/keras_fuzzer." + std::to_string(::getpid());
  {
    AtomicFile file(path);
    ZipWriter zip(file);
    zip.add("config.json", config);
    const H5Image weights = write_h5(H5Group());
    zip.add("model.weights.h5", weights.pieces());
    zip.finish();
    file.commit();
  }
  const auto bytes = read_file(path);
  ::unlink(path.c_str());
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.starts_with("\x93NUM")) {
    attempt([&] { parse_npy(bytes_of(input), "input.npy"); });
  } else if (input.starts_with("PK")) {
    const MemoryFile file(input);
    attempt([&] { read_npz(file.path(), 64 << 20); });
    read_model(file.path());
  } else if (input.starts_with("\x89HDF")) {
    const MemoryFile file(input);
    read_model(file.path());
    attempt([&] {
      const H5Reader weights = open_keras_weights(file.path());
      for (const std::string& name : weights.children("")) {
        weights.attribute_list(name, "weight_names");
        if (weights.is_dataset(name)) weights.read(name);
      }
      read_optimizer(weights);
    });
  } else {
    const MemoryFile file(zip_with(input));
    read_model(file.path());
  }
  return 0;
}
