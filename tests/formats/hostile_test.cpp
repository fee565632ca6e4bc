// Model files made by hand to do harm: each must be refused, with a message that says where, in little
// memory. What damage by chance does is in the tests beside; HDF5 alone in hdf5_test.cpp, zip alone in
// tests/base/zip_test.cpp.
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "folio/folio.h"
#include "folio/formats/keras_file.h"
#include "tests/base/memory_for_tests.h"
#include "tests/formats/hostile_files.h"

namespace folio {
namespace {

constexpr int64_t kMostMemory = 64 << 20;

Json layer(const std::string& class_name, Json config) {
  return {{"module", "keras.layers"},
          {"class_name", class_name},
          {"config", std::move(config)},
          {"registered_name", nullptr}};
}
Json input_layer(const Json& shape) {
  return layer("InputLayer", {{"batch_shape", shape}, {"dtype", "float32"}, {"name", "in"}});
}
Json sequential(const std::vector<Json>& layers, const std::string& name = "s") {
  return {
      {"module", "keras"}, {"class_name", "Sequential"}, {"config", {{"name", name}, {"layers", layers}}}};
}
std::string small(const std::string& class_name, Json config) {
  config["name"] = "x";
  return sequential({input_layer({nullptr, 4, 4}), layer(class_name, config)}).dump();
}

/// `depth` objects in each other.
std::string wrapped(const std::string& class_name, int depth) {
  std::string text = layer("Dense", {{"units", 2}, {"name", "d"}}).dump();
  for (int i = 0; i < depth; ++i)
    text = R"({"module": "keras.layers", "class_name": ")" + class_name +
           R"(", "config": {"name": "w", "layer": )" + text + "}}";
  return R"({"class_name": "Sequential", "config": {"name": "s", "layers": [)" +
         input_layer({nullptr, 2, 3}).dump() + ", " + text + "]}}";
}

/// A model that calls a model twice that calls a model twice …: small to write, endless to follow.
Json echo(int depth) {
  const auto tensor = [](const std::string& name) {
    return Json{{"class_name", "__keras_tensor__"}, {"config", {{"keras_history", {name, 0, 0}}}}};
  };
  const auto call = [&](const std::string& of) {
    return Json{{"args", Json::array({tensor(of)})}, {"kwargs", Json::object()}};
  };
  Json in = input_layer({nullptr, 3});
  in["name"] = "in", in["inbound_nodes"] = Json::array();
  Json inner = depth == 0 ? layer("Flatten", {{"name", "a"}}) : echo(depth - 1);
  inner["name"] = inner["config"]["name"] = "a";
  inner["inbound_nodes"] = Json::array({call("in")});
  Json second = call("a");
  inner["inbound_nodes"].push_back(second);
  return {{"class_name", "Functional"},
          {"config",
           {{"name", "f"},
            {"layers", {in, inner}},
            {"input_layers", {"in", 0, 0}},
            {"output_layers", {"a", depth == 0 ? 1 : 2, 0}}}}};
}

struct Attack {
  const char* name;
  std::function<Bytes()> make;
  std::string complaint;
};
void PrintTo(const Attack& attack, std::ostream* out) { *out << attack.name; }

std::vector<Attack> zip_attacks() {
  const auto sound = [] { return keras_of(config_of_sound()); };
  return {
      {"members_overlap",
       [=] {
         Bytes bytes = sound();
         return with_number(bytes, place_of(bytes, kZipEntry, 1) + 42, place_of(bytes, kZipHeader, 2), 4);
       },
       "expected the header of \"config.json\""},
      {"member_reaches_into_next",
       [=] {
         Bytes bytes = sound();
         for (const auto& [at, sizes] :
              {std::pair{place_of(bytes, kZipHeader), size_t{18}}, {place_of(bytes, kZipEntry), size_t{20}}})
           for (const size_t field : {sizes, sizes + 4}) bytes = with_number(bytes, at + field, 500, 4);
         return bytes;
       },
       "before the next part"},
      {"name_leads_up",
       [=] {
         return patched(zip_of({{"aa/config.json", "{}"}}), "aa/config", "../config");
       },
       "a part \"..\""},
      {"name_is_absolute",
       [=] {
         return patched(zip_of({{"a/config.json", "{}"}}), "a/config", "//config");
       },
       "is not relative"},
      {"name_twice",
       [=] {
         return patched(zip_of({{"config.json", "{}"}, {"xonfig.json", "[]"}}), "xonfig", "config");
       },
       "\"config.json\" twice"},
      {"wrong_checksum", [=] { return patched(sound(), "\"units\": 2", "\"units\": 3"); }, "checksum"},
      {"encrypted",
       [=] {
         Bytes bytes = sound();
         bytes = with_number(bytes, place_of(bytes, kZipHeader, 1) + 6, 1, 2);
         return with_number(bytes, place_of(bytes, kZipEntry, 1) + 8, 1, 2);
       },
       "encrypted"},
      {"unknown_method",
       [=] {
         Bytes bytes = sound();
         bytes = with_number(bytes, place_of(bytes, kZipHeader, 1) + 8, 14, 2);
         return with_number(bytes, place_of(bytes, kZipEntry, 1) + 10, 14, 2);
       },
       "packed by method 14"},
      {"zip64_without_record",
       [=] {
         Bytes bytes = sound();
         return with_number(bytes, place_of(bytes, kZipEntry, 1) + 24, 0xFFFFFFFF, 4);
       },
       "expected equal sizes"},
      {"zip64_end_lies",
       [=] {
         Bytes bytes = sound();
         return with_number(bytes, place_of(bytes, kZipEnd) + 16, 0xFFFFFFFF, 4);
       },
       "zip64"},
      {"many_members_promised",
       [=] {
         Bytes bytes = sound();
         bytes = with_number(bytes, place_of(bytes, kZipEnd) + 8, 60000, 2);
         return with_number(bytes, place_of(bytes, kZipEnd) + 10, 60000, 2);
       },
       "for 60000 members"},
      {"no_config",
       [=] {
         return zip_of({{"metadata.json", "{}"}});
       },
       "expected a member \"config.json\""},
      {"no_weights",
       [=] {
         return zip_of({{"config.json", config_of_sound()}});
       },
       "expected a member \"model.weights.h5\""},
      {"bomb_that_says_so", [] { return bomb(deflated_zeros(1 << 20), 0x7FFFFFFF); }, "expected at most"},
      {"bomb_that_lies", [] { return bomb(deflated_zeros(200 << 20), 1000); },
       "expected at most 1000 bytes once inflated"},
      {"bomb_of_zeros", [] { return bomb(deflated_zeros(258 * 100'000 + 1), 258 * 100'000 + 1); },
       "expected checksum"},
      {"weights_are_a_link",
       [] {
         const Bytes link = read_file(golden_path(__FILE__, "external_link.h5"));
         return zip_of({{"config.json", config_of_sound()},
                        {"model.weights.h5", {reinterpret_cast<const char*>(link.data()), link.size()}}});
       },
       "external link"},
  };
}

std::vector<Attack> config_attacks() {
  const auto config = [](const char* name, std::function<std::string()> text, std::string complaint) {
    return Attack{name, [text] { return keras_of(text()); }, std::move(complaint)};
  };
  const int64_t huge = int64_t{1} << 62;
  return {
      config(
          "deep_lists", [] { return std::string(1'000'000, '['); }, "at most 128 levels"),
      config(
          "deep_time_distributed", [] { return wrapped("TimeDistributed", 5000); }, "at most 128 levels"),
      config(
          "deep_bidirectional", [] { return wrapped("Bidirectional", 5000); }, "at most 128 levels"),
      config(
          "many_values",
          [] {
            return "[" + std::string(8'000'000, ' ') + [] {
              std::string text;
              for (int i = 0; i < 4'000'000; ++i) text += "0,";
              return text;
            }() + "0]";
          },
          "values that fit into"),
      config(
          "many_keys",
          [] {
            std::string text = "{";
            for (int i = 0; i < 1'000'000; ++i) text += "\"key number " + std::to_string(i) + "\":0,";
            return text + "\"end\":0}";
          },
          "values that fit into"),
      config(
          "many_layers",
          [] {
            std::string text = input_layer({nullptr, 3}).dump();
            for (int i = 0; i < 100'000; ++i)
              text += R"(,{"class_name":"Flatten","config":{"name":"f)" + std::to_string(i) + "\"}}";
            return R"({"class_name":"Sequential","config":{"name":"s","layers":[)" + text + "]}}";
          },
          "expected"),
      config(
          "key_twice", [] { return R"({"class_name": "Sequential", "class_name": "Lambda"})"; },
          "\"class_name\" twice"),
      config(
          "units_beyond_int64",
          [] {
            return small("Dense", {{"units", 1e30}});
          },
          "units: expected a whole number"),
      config(
          "units_negative",
          [] {
            return small("Dense", {{"units", -5}});
          },
          "units"),
      config(
          "units_huge",
          [=] {
            return small("Dense", {{"units", huge}});
          },
          "expected"),
      config(
          "units_not_a_number",
          [] {
            return R"({"class_name": "Sequential", "config": {"name": "s", "layers": [)" +
                   input_layer({nullptr, 4}).dump() +
                   R"(, {"class_name": "Dense", "config": {"name": "d", "units": NaN}}]}})";
          },
          "units: expected a whole number"),
      config(
          "shape_overflows",
          [=] {
            return sequential({input_layer({nullptr, huge, huge}), layer("Flatten", {{"name", "f"}})}).dump();
          },
          "expected sizes of at least 1"),
      config(
          "reshape_overflows",
          [=] {
            return small("Reshape", {{"target_shape", {huge, huge}}});
          },
          "expected"),
      config(
          "padding_overflows",
          [=] {
            return small("ZeroPadding1D", {{"padding", {huge, huge}}});
          },
          "expected"),
      config(
          "upsampling_overflows",
          [=] {
            return small("UpSampling1D", {{"size", huge}});
          },
          "expected"),
      config(
          "unknown_layer", [] { return small("Evil", Json::object()); },
          "layer \"Evil\" is not known to Folio"),
      config(
          "lambda",
          [] {
            return small("Lambda", {{"function", "os.system"}});
          },
          "never runs code"),
      config(
          "code_of_others",
          [] {
            Json object = layer("Dense", {{"units", 2}, {"name", "d"}});
            object["module"] = "os";
            return sequential({input_layer({nullptr, 2}), object}).dump();
          },
          "module \"os\""),
      config(
          "saved_model_outside",
          [] {
            return small("TFSMLayer", {{"filepath", "/etc/passwd"}});
          },
          "never runs code"),
      config(
          "lambda_inside",
          [] {
            return small("TimeDistributed",
                         {{"layer", layer("Lambda", {{"function", "os.system"}, {"name", "l"}})}});
          },
          "never runs code"),
      config(
          "activation_is_code",
          [] {
            return small("Dense", {{"units", 2}, {"activation", layer("Lambda", {{"function", "x"}})}});
          },
          "activation"),
      config(
          "endless_echo", [] { return echo(24).dump(); }, "calls of layers"),
      config(
          "wrong_types",
          [] {
            return small("Dense", {{"units", 2}, {"kernel_initializer", {{"class_name", 5}}}});
          },
          "expected"),
      config(
          "loss_of_wrong_type",
          [] {
            Json json = Json::parse(config_of_sound());
            json["compile_config"]["loss"] = {{"class_name", "MeanSquaredError"},
                                              {"config", {{"reduction", 7}, {"from_logits", "x"}}}};
            return json.dump();
          },
          "compile_config: "),
      config(
          "no_object", [] { return std::string("[]"); }, "expected an object with class_name"),
      config(
          "not_utf8", [] { return std::string("{\"\xff\": 1}"); }, "UTF-8"),
  };
}

class Hostile : public testing::TestWithParam<Attack> {};

TEST_P(Hostile, IsRefusedInLittleMemory) {
  const TemporaryFolder folder;
  const std::string path = folder / "attack.keras";
  const Bytes bytes = GetParam().make();
  put_file(path, bytes);
  std::string complaint;
  const auto peak = peak_of([&] { complaint = error_of([&] { Model::load(path); }); });
  EXPECT_NE(complaint.find(GetParam().complaint), std::string::npos) << complaint.substr(0, 400);
  EXPECT_EQ(complaint.rfind(path, 0), 0u) << complaint.substr(0, 400);
  EXPECT_LT(complaint.size(), 2000u);
  if (peak) {
    EXPECT_LT(*peak, kMostMemory + static_cast<int64_t>(bytes.size()));
    RecordProperty("peak", std::to_string(*peak));
  }
}
const auto kName = [](const auto& info) { return std::string(info.param.name); };
INSTANTIATE_TEST_SUITE_P(Zip, Hostile, testing::ValuesIn(zip_attacks()), kName);
INSTANTIATE_TEST_SUITE_P(Config, Hostile, testing::ValuesIn(config_attacks()), kName);

// As many layers as fit into a config make a long chain: a model or an error, but no overflow of the stack.
TEST(HostileChains, NeedNoStack) {
  const TemporaryFolder folder;
  std::string sequence = input_layer({nullptr, 3}).dump(), graph = sequence;
  graph.insert(graph.size() - 1, R"(,"name":"in","inbound_nodes":[])");
  for (int i = 0; i < 9'000; ++i) {
    const std::string name = "f" + std::to_string(i), before = i ? "f" + std::to_string(i - 1) : "in";
    const std::string flatten = R"(,{"class_name":"Flatten","config":{"name":")" + name + "\"}";
    sequence += flatten + "}";
    graph += flatten + R"(,"name":")" + name +
             R"(","inbound_nodes":[{"args":[{"class_name":"__keras_tensor__","config":{"keras_history":[")" +
             before + R"(",0,0]}}],"kwargs":{}}]})";
  }
  put_file(folder / "s.keras",
           keras_of(R"({"class_name":"Sequential","config":{"name":"s","layers":[)" + sequence + "]}}"));
  put_file(folder / "f.keras",
           keras_of(R"({"class_name":"Functional","config":{"name":"f","layers":[)" + graph +
                    R"(],"input_layers":["in",0,0],"output_layers":["f8999",0,0]}})"));
  for (const char* name : {"s.keras", "f.keras"}) {
    const std::string complaint = error_of([&] { Model::load(folder / name); });
    EXPECT_NE(complaint.find("expected no weights here"), std::string::npos) << complaint;
  }
}

// Weights that are a whole file of their own.
TEST(HostileWeights, AreRefusedInLittleMemory) {
  const Model model = Sequential({Input({3}), Dense(4), Dense(2)});
  for (const char* name : {"soft_link.h5", "external_link.h5", "external_data.h5", "virtual.h5",
                           "shape_bomb.h5", "cycle.h5", "dense_links.h5", "other_filter.h5"}) {
    const std::string path = golden_path(__FILE__, name);
    std::string complaint;
    const auto peak = peak_of([&] { complaint = error_of([&] { model.load_weights(path); }); });
    EXPECT_EQ(complaint.rfind(path + ": ", 0), 0u) << complaint;
    EXPECT_LT(peak.value_or(0), kMostMemory) << name;
  }
}

// What a dataset promises does not pay for an architecture; what it holds does.
TEST(HostileWeights, PromisesDoNotPay) {
  const H5Reader file(read_file(golden_path(__FILE__, "shape_bomb.h5")), "shape_bomb.h5");
  EXPECT_EQ(file.elements(), 0);
  EXPECT_EQ(H5Reader(written("m.weights.h5"), "m").elements(), 8);  // of which two are the optimizer's
}

}  // namespace
}  // namespace folio
