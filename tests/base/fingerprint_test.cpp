#include "folio/base/fingerprint.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace folio {
namespace {

// As TensorFlow 2.21 has them: tf.strings.to_hash_bucket_fast(text, 2**62 + 12345), for texts of every kind
// of length that the formula tells apart.
TEST(Fingerprint, IsThatOfTensorFlow) {
  const std::vector<std::pair<std::string, uint64_t>> buckets = {
      {"", 1936946117179596765U},
      {"d", 4470636696479570465U},
      {"gn", 1385984955082352936U},
      {"jql", 4426559955562989622U},
      {"mtox", 3897006268822229919U},
      {"vcxgdon", 571047200376469779U},
      {"yfajgrqd", 3263057296817342074U},
      {"krmvsdcpqfiz", 126493124474420803U},
      {"wdyhepobcrulqjql", 1126567933172668291U},
      {"zgbkhsrefuxotmtox", 886888056183527174U},
      {"xezifqpcdsvmrkrmvsdcpqfiz", 4579162356811149593U},
      {"szudalkxynqhmfmhqnyxkladuzszudal", 1276640999077090369U},
      {"vcxgdonabqtkpipktqbanodgxcvcxgdon", 1377072950742663904U},
      {"ubwfcnmzapsjohojspazmncfwbubwfcnmzapsjohojspazmncf", 4193141487119565756U},
      {"krmvsdcpqfizexezifqpcdsvmrkrmvsdcpqfizexezifqpcdsvmrkrmvsdcpqfiz", 111632017110494455U},
      {"nupyvgfstilchahclitsfgvypunupyvgfstilchahclitsfgvypunupyvgfstilch", 123992935277942995U},
      {"ovqzwhgtujmdibidmjutghwzqvovqzwhgtujmdibidmjutghwzqvovqzwhgtujmdibidmjutghwzqvovqzwhgtujmdibidmjutgh",
       3615812890901374884U},
      {"ubwfcnmzapsjohojspazmncfwbubwfcnmzapsjohojspazmncfwbubwfcnmzapsjohojspazmncfwbubwfcnmzapsjohojspazmnc"
       "fwbubwfcnmzapsjohojspazmncf",
       4543786859602882726U},
      {"xezifqpcdsvmrkrmvsdcpqfizexezifqpcdsvmrkrmvsdcpqfizexezifqpcdsvmrkrmvsdcpqfizexezifqpcdsvmrkrmvsdcpqf"
       "izexezifqpcdsvmrkrmvsdcpqfiz",
       567082077403777062U},
      {"cjenkvuhixarwpwraxihuvknejcjenkvuhixarwpwraxihuvknejcjenkvuhixarwpwraxihuvknejcjenkvuhixarwpwraxihuvk"
       "nejcjenkvuhixarwpwraxihuvknejcjenkvuhixarwpwraxihuvknejcjenkvuhixarwpwraxihuvknejcjenkvuhixarwpwrax",
       1655342374206268627U}};
  for (const auto& [text, bucket] : buckets)
    EXPECT_EQ(fingerprint(text) % ((uint64_t{1} << 62) + 12345), bucket) << text.size();
}

}  // namespace
}  // namespace folio
