#!/usr/bin/env bash
# The command as users meet it: results, exit statuses, messages, and that a failure leaves nothing behind.
# usage: command.sh FOLIO GOLDEN-OF-MODELS
set -u
here=$(cd "$(dirname "$0")" && pwd)
folio=$(realpath "$1") models=$(realpath "$2") arrays=$here/golden legacy=$here/../formats/golden/legacy
export SOURCE_DATE_EPOCH=1000000000  # model files hold the time; the same ones are to be the same bytes
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
passed=0 failed=0

# check STATUS TEXT COMMAND…: the command ends with STATUS and says TEXT, on either stream.
check() {
  local status=$1 text=$2 said got
  shift 2
  said=$("$@" 2>&1 </dev/null)
  got=$?
  if [ "$got" = "$status" ] && printf '%s' "$said" | grep -qF -- "$text"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s\n  expected status %s and "%s", got status %s and:\n%s\n' "$*" "$status" "$text" "$got" "$said"
  fi
}

check 0 "folio 0." "$folio" version
check 0 '"instruction_set":"baseline"' env FOLIO_ISA=baseline "$folio" version --json
check 1 'FOLIO_ISA: expected one of' env FOLIO_ISA=mmx "$folio" version
check 0 "lenet5" "$folio" recipes
check 0 "D1 " "$folio" sheet
check 0 "Adam" "$folio" sheet d1
check 2 "expected one of the rows A1, A2" "$folio" sheet Z9
check 0 "fashion-mnist" "$folio" datasets
check 0 '"total_params":1266294' "$folio" summary two-branch --json
check 0 "61,706" "$folio" summary lenet5
check 0 "Total params" "$folio" summary "$models/branches.keras"
for counted in alexnet:62378344 vgg16:138357544 vgg19:143667240 googlenet:6998552 resnet50:25636712 resnet101:44707176 \
  resnet152:60419944 mobilenet:4253864 mobilenet-v2:3538984 lenet5:61706; do
  check 0 "\"total_params\":${counted#*:}" "$folio" summary "${counted%:*}" --json
done
check 0 '"trainable_params":11689512' "$folio" summary resnet18 --json
check 0 '"trainable_params":21797672' "$folio" summary resnet34 --json
check 0 "13,378,280" "$folio" summary googlenet --set auxiliary=yes
# Every recipe's network, or what it follows from.
for recipe in $("$folio" recipes --json | python3 -c 'import json, sys; print(*(r["name"] for r in json.load(sys.stdin)))'); do
  check 0 "well" sh -c "'$folio' summary $recipe >outline.txt 2>&1 && grep -q 'Total params' outline.txt || grep -q 'follow from the data\|--set base' outline.txt && echo well || cat outline.txt"
done
# Memory for what is built, not for weights.
check 0 "143,667,240" bash -c "ulimit -v 400000; '$folio' summary vgg19"
check 0 "--set style=modern" "$folio" train lenet5 --help
check 2 "did you mean train" "$folio" trian lenet5
check 0 "folio 0." "$folio" --version
check 0 "Train a model file" "$folio" help fit
check 2 "did you mean fit?" "$folio" help fti
check 2 "see folio fit --help" "$folio" fit
check 0 "nothing added" sh -c "'$folio' train lenet5 --epochs 0 2>&1 | grep -q 'did you mean' || echo nothing added"
check 0 "TH FOLIO" "$folio" manual
for shell in bash zsh fish; do check 0 "validation-split" "$folio" completion $shell; done
check 0 "--epochs" bash -c "eval \"\$('$folio' completion bash)\"; COMP_WORDS=(folio fit --epo); COMP_CWORD=2; _folio; echo \${COMPREPLY[*]}"
check 0 "predict" bash -c "eval \"\$('$folio' completion bash)\"; COMP_WORDS=(folio pre); COMP_CWORD=1; _folio; echo \${COMPREPLY[*]}"
check 2 "completion" "$folio" completion tcsh
check 2 "did you mean --epochs" "$folio" train lenet5 --epoch 3
check 2 'did you mean "lenet5"' "$folio" train lenet
check 2 'did you mean "mnist"' "$folio" train lenet5 --data mnits
check 2 "expected one of this recipe's settings (augment, dropout, fit, size, style, test, validation)" "$folio" train lenet5 --set styl=classic
check 1 "none.keras" "$folio" summary none.keras

check 0 "loss" "$folio" fit "$models/mlp_adam.keras" --data "$models/mlp_adam.npz" --epochs 2 --no-shuffle --output out.keras --history h.json
check 0 '"loss"' cat h.json
check 0 "loss" "$folio" evaluate out.keras --data "$models/mlp_adam.npz"
check 0 "38 rows" "$folio" predict out.keras --input "$arrays/x.npy" --output y.npy
check 1 "gives 2 outputs" "$folio" predict "$models/branches.keras" --input "$models/branches.npz" --output two.npy
check 0 "33 rows" "$folio" predict "$models/branches.keras" --input "$models/branches.npz" --output two.npz
check 0 "loss" "$folio" fit out.keras --data "$models/mlp_adam.npz" --output again.weights.h5
check 0 "loss" "$folio" evaluate out.keras --weights again.weights.h5 --data "$models/mlp_adam.npz"

check 0 "parameters" "$folio" convert out.keras out.h5
check 0 "parameters" "$folio" convert out.h5 back.keras --json
check 0 "parameters" "$folio" convert back.keras back.h5
check 0 "same" sh -c 'cmp out.h5 back.h5 && echo same'
check 0 "parameters" "$folio" convert out.h5 only.weights.h5
check 0 "parameters" "$folio" convert out.keras with.h5 --weights only.weights.h5
check 0 "38 rows" "$folio" predict with.h5 --input "$arrays/x.npy" --output with.npy
check 0 "same" sh -c 'cmp y.npy with.npy && echo same'
check 0 "loss" "$folio" fit out.h5 --data "$models/mlp_adam.npz" --no-shuffle --output more.h5
check 0 "loss" "$folio" fit out.keras --data "$models/mlp_adam.npz" --no-shuffle --output more.keras
check 0 "parameters" "$folio" convert more.keras same.h5
check 0 "same" sh -c 'cmp more.h5 same.h5 && echo same'
check 0 "parameters" "$folio" convert "$legacy/keras2_branches.h5" branches.keras
check 0 "tower" "$folio" summary branches.keras
check 0 "parameters" "$folio" convert "$legacy/keras2_branches.h5" branches.dot
check 0 '-> n' cat branches.dot
check 0 "parameters" "$folio" convert "$legacy/keras2_branches.h5" branches.svg
check 0 'inner' cat branches.svg
check 1 "--weights only.weights.h5" "$folio" convert only.weights.h5 wrong.keras
check 1 "is the file to convert itself" "$folio" convert out.h5 ./out.h5
check 1 "expected a name that ends in .keras" "$folio" convert out.h5 wrong.zip
check 1 "weights without architecture" "$folio" summary only.weights.h5
head -c 9000 out.h5 >cut.h5
check 1 "cut.h5" "$folio" convert cut.h5 wrong.keras
check 2 "OUT is required" "$folio" convert out.h5
check 0 "folio convert model.h5 model.keras" "$folio" convert --help

# Parts of arrays in a folder, or by a pattern, are the same rows in the same order.
mkdir parts && cp "$arrays/good.npz" parts/train-1.npz
check 0 "loss" "$folio" fit out.keras --data "$arrays/good.npz" --epochs 2 --no-shuffle --output whole.keras --history whole.json
check 0 "loss" "$folio" fit out.keras --data parts --epochs 2 --no-shuffle --output parts.keras --history parts.json
check 0 "same" sh -c 'cmp whole.json parts.json && cmp whole.keras parts.keras && echo same'
cp "$arrays/good.npz" parts/train-2.npz
check 0 "loss" "$folio" fit out.keras --data "parts/train-*.npz" --validation-data parts --epochs 2 --output twice.keras
check 0 "loss" "$folio" evaluate out.keras --data "parts/train-?.npz"
check 1 "save with numpy.savez" "$folio" evaluate out.keras --data "$models/mlp_ada?.npz"
cp "$arrays/x.npy" parts/x-1.npy && cp "$arrays/x.npy" parts/x-2.npy
check 0 "76 rows" "$folio" predict out.keras --input "parts/x-*.npy" --output both.npy
check 0 "same" sh -c 'tail -c +129 y.npy >one.bin && cat one.bin one.bin >two.bin && tail -c +129 both.npy | cmp - two.bin && echo same'
check 1 "found none" "$folio" evaluate out.keras --data "parts/none-*.npz"
mkdir labels && cp "$arrays/labels.npz" labels
check 1 "in row 5" "$folio" fit out.keras --data labels --output labels.keras
# A table: 240 rows of numbers with gaps, a category, and a class that follows from them.
awk 'BEGIN { print "length,width,shape,kind"; for (i = 0; i < 240; ++i) { a = (i * 37) % 100; b = (i * 59) % 83; s = i % 3;
  print (i % 17 ? a : "") "," b / 10 "," (s == 0 ? "round" : s == 1 ? "flat" : "long") "," (a + 2 * b > 120 + 20 * s ? "ant" : "bee") } }' >insects.csv
table=("$folio" train table --data insects.csv --target kind --epochs 25 --seed 3)
check 0 "for comparison, a linear model" "${table[@]}" --run table
check 0 '"train"' cat table/rows.json
check 0 "Confusion matrix" cat table/report.html
check 0 '"finished":true' "$folio" report table --json
check 0 "accuracy" "$folio" evaluate table/model.keras --data insects.csv
check 0 "240 rows" "$folio" predict table/model.keras --input insects.csv --output kinds.csv
check 0 "length,width,shape,kind,prediction,probability_ant,probability_bee" head -n 1 kinds.csv
check 0 "241" sh -c 'wc -l <kinds.csv'
check 0 "same" sh -c 'cut -d, -f1-4 kinds.csv | cmp - insects.csv && echo same'
# Without --output for people, with --json for programs; - is standard input and output; a threshold of one's own.
check 0 "row 240 " "$folio" predict table --input insects.csv
check 0 "same" sh -c "'$folio' predict table --input - --output - <insects.csv | cmp - kinds.csv && echo same"
check 0 "same" sh -c "'$folio' predict table insects.csv --json | python3 -c '
import csv, json, sys
said = json.load(sys.stdin)
rows = list(csv.DictReader(open(\"kinds.csv\")))
assert len(said) == len(rows) == 240
for one, row in zip(said, rows):
  assert one[\"prediction\"] == row[\"prediction\"] and one[\"input\"][\"shape\"] == row[\"shape\"]
  assert all(float(row[\"probability_\" + name]) == p for name, p in one[\"probabilities\"].items())
print(\"same\")'"
"$folio" predict table insects.csv --threshold 0.9 --output strict.csv --quiet
check 0 "same" awk -F, 'NR > 1 && $5 != ($7 >= 0.9 ? "bee" : "ant") { wrong = 1 } END { print wrong ? "other" : "same" }' strict.csv
check 0 "bee" "$folio" predict table insects.csv --threshold 0
check 2 "expected a number from 0 to 1" "$folio" predict table insects.csv --threshold 2
check 2 "expected an output with classes" "$folio" predict table insects.csv --threshold 0.5 --output y.npy
check 2 "--threshold: expected a model of two classes" "$folio" predict out.keras "$arrays/x.npy" --threshold 0.5
check 2 "expected one --input, got none" "$folio" predict table
check 1 "expected a model of texts" "$folio" predict table --text ant
check 0 '"prediction"' sh -c "'$folio' predict out.keras --input - --json <'$arrays/x.npy'"
# What the model knows of raw data goes where its file goes, through conversions too.
mkdir elsewhere && cp table/model.keras "elsewhere/a b.keras"
check 0 "240 rows" "$folio" predict "elsewhere/a b.keras" --input insects.csv --output moved.csv
check 0 "240 rows" "$folio" predict table --input kinds.csv --output again.csv
check 0 "parameters" "$folio" convert "elsewhere/a b.keras" elsewhere/t.h5
check 0 "parameters" "$folio" convert elsewhere/t.h5 elsewhere/back.keras
check 0 "240 rows" "$folio" predict elsewhere/back.keras --input insects.csv --output back.csv
check 0 "same" sh -c 'cmp kinds.csv moved.csv && cmp kinds.csv again.csv && cmp kinds.csv back.csv && echo same'
check 0 '"baselines":{"always the most frequent class":{"accuracy":' "$folio" train table --data insects.csv --target kind --epochs 1 --run told --json --quiet
check 0 '"validation":{"loss":' "$folio" train table --data insects.csv --target kind --epochs 1 --run told-again --json --quiet
# A series: what comes next, by its dates, from the same file moved elsewhere too.
awk 'BEGIN { print "month,sold"; for (i = 0; i < 120; ++i)
  printf "%d-%02d,%.3f\n", 2010 + int(i / 12), i % 12 + 1, 50 + i / 4 + 10 * sin(i * 0.5235987755982988) }' >sales.csv
check 0 "the value 12 steps before" "$folio" train forecast --data sales.csv --set ahead=3 --epochs 4 --run sales
check 0 "2020-03" "$folio" predict sales sales.csv
cp sales/model.keras elsewhere/sales.keras
check 0 '{"input":"2020-01","prediction":' "$folio" predict elsewhere/sales.keras sales.csv --json
"$folio" predict elsewhere/sales.keras --input sales.csv --output next.csv --quiet
check 0 "month,prediction" head -n 1 next.csv
check 0 "4 next.csv" wc -l next.csv
check 0 "mae" "$folio" evaluate sales --data sales.csv
head -n 20 sales.csv >few.csv
check 1 "expected at least" "$folio" predict sales few.csv
check 1 "give a longer series" "$folio" train forecast --data few.csv --run few
check 1 "nothing" sh -c 'test -e few && echo something || { echo nothing; exit 1; }'
check 1 'expected one of month, sold' "$folio" train forecast --data sales.csv --target price --run few
# Texts: lines label<TAB>text, with tags, bytes that are no text and empty ones.
awk 'BEGIN { for (i = 0; i < 160; ++i) printf "%s\t%s film <br /> number %d\n",
  (i % 2 ? "good" : "bad"), (i % 2 ? "a LOVELY, fine" : "an awful; dull"), i % 5 }' >reviews.txt
check 0 "naive Bayes on words" "$folio" train text --data reviews.txt --epochs 3 --run reviews
check 0 "good" "$folio" predict reviews --text "lovely"
check 0 '"prediction":"bad"' "$folio" predict reviews --text "so awful &amp; dull" --json
printf 'fine\n\nawful \351 dull\r\n' >lines.txt
check 0 "3 rows" "$folio" predict reviews --input lines.txt --output spoken.csv
check 0 "text,prediction,probability_bad,probability_good" head -n 1 spoken.csv
check 0 "3 rows" "$folio" predict reviews --input lines.txt --output spoken.npy
check 0 "accuracy: 1" "$folio" evaluate reviews --data reviews.txt
printf 'excellent\tfine\n' >other.txt
check 1 "expected one of the model's labels bad, good, got" "$folio" evaluate reviews --data other.txt
check 1 "without a tab" "$folio" evaluate reviews --data lines.txt
check 1 "expected a model of texts" "$folio" predict out.keras --text "lovely"
check 2 "expected --text" "$folio" predict reviews
: >empty.txt
check 1 "empty file" "$folio" predict reviews --input empty.txt
check 2 'did you mean "rt-polarity"' "$folio" train text --data rt-polarty --run nothing
# Models of Keras that begin with texts; CTC.
keras_texts=$here/../formats/golden/texts
check 0 "-0.019546984" "$folio" predict "$keras_texts/keras2_words.keras" --text "the cat"
check 0 "15 rows" "$folio" predict "$keras_texts/keras2_words.keras" --input "$keras_texts/keras2_words.txt" --output said.npy
printf '1\tthe cat sat\n0\ta dog\n' >numbered.txt
check 0 "accuracy: " "$folio" fit "$keras_texts/keras2_words.keras" --data numbered.txt --loss sparse_categorical_crossentropy \
  --metrics accuracy --epochs 2 --output read.keras
check 0 "accuracy: " "$folio" evaluate read.keras --data numbered.txt
check 0 "the dog" "$folio" predict read.keras --text "the dog"
check 0 "read.h5" "$folio" convert read.keras read.h5 && check 0 "the dog" "$folio" predict read.h5 --text "the dog"
check 1 'expected the number of a class, because the model has no names for its classes, got "bad"' "$folio" evaluate read.keras --data reviews.txt
check 1 "takes 2 texts in each row, expected one" "$folio" predict "$keras_texts/pairs.keras" --text cat
check 0 "loss: 10.8638" "$folio" evaluate "$models/ctc/model.keras" --data "$models/ctc/train.npz" --batch-size 4
check 0 "do not fit into the 8 steps" "$folio" fit "$models/ctc/model.keras" --data "$models/ctc/impossible.npz" --loss ctc --output heard.keras
check 0 "loss: " "$folio" evaluate heard.keras --data "$models/ctc/train.npz"
# Names, a file of lines for each class; vectors of words, to and fro; entities.
mkdir -p people && for i in $(seq 1 30); do echo "Name${i}ov"; done >people/ov.txt && for i in $(seq 1 30); do echo "Name${i}ez"; echo "Name${i}ez"; done >people/ez.txt
check 0 "macro_f1" "$folio" train names --data people --epochs 8 --set units=12 --set embedding=8 --batch-size 4 --learning-rate 0.01 --run people-run
check 0 "ov" "$folio" predict people-run --text "Petrov"
mv people-run/model.keras moved-names.keras && check 0 '"prediction":"ez"' "$folio" predict moved-names.keras --text "Sanchez" --json
check 0 "13,042" "$folio" summary names
check 2 "--set nothing" "$folio" train names --data people --set nothing=1 --run nothing
for i in $(seq 1 40); do echo "the cat sat on the mat"; echo "a dog lay on a rug"; done >words.txt
check 0 "epoch 3/3" "$folio" train embeddings --data words.txt --epochs 3 --set width=8 --set subsample=0 --run vectors
check 0 "</svg>" tail -n 1 vectors/map.svg
check 0 "cat" "$folio" neighbours vectors mat --count 7
check 0 '"similarity":' "$folio" neighbours vectors/model.keras Cat - dog + rug -k 2 --json
check 0 "vectors.bin" "$folio" convert vectors/model.keras vectors.bin
check 0 "back.keras" "$folio" convert vectors.bin back.keras
check 0 "back.txt" "$folio" convert back.keras back.txt
check 0 "there.txt" "$folio" convert vectors/model.keras there.txt
check 0 "same" sh -c "cmp back.txt there.txt && echo same"
check 1 "did you mean" "$folio" neighbours back.txt catt
check 2 "two signs" "$folio" neighbours back.txt cat - + dog
check 1 "expected one of words" "$folio" neighbours out.keras cat
head -c 40 vectors.bin >short.bin && check 1 "cut short" "$folio" neighbours short.bin cat
check 1 "and is not a file of word vectors" "$folio" convert vectors/model.keras words.txt
check 0 "tokens have a vector" "$folio" train text --data reviews.txt --epochs 1 --set network=embedding --set vectors=back.txt --run with-vectors
check 1 "--set network=embedding" "$folio" train text --data reviews.txt --set vectors=back.txt --run nothing
for i in $(seq 1 40); do printf 'we\tO\nare\tO\nin\tO\nTown%d\tB-place\n\nmr\tO\nMan%d\tB-person\nsleeps\tO\n\t\n' "$i" "$i"; done >tags.conll
check 0 "precision" "$folio" train entities --data tags.conll --epochs 15 --batch-size 4 --set units=12 --set letters=8 --learning-rate 0.01 --run entities
check 0 "in [Rome]place" "$folio" predict entities --text "We are in Rome"
check 0 '"kind":"person"' "$folio" predict entities --text "mr Man77 sleeps" --json
check 0 "prediction,text,entity" "$folio" predict entities --text "mr Man77, sleeps" --output -
check 0 "f1" "$folio" evaluate entities --data tags.conll
check 1 "expected a word and its tag" "$folio" train entities --data words.txt --run nothing
# A text that goes on.
for i in $(seq 400); do printf 'abc abd\n'; done >plain.txt
check 0 "behind each character" "$folio" train generate --data plain.txt --epochs 2 --run plain \
  --set layers=1 --set units=8 --set steps=20
check 0 "abc" "$folio" generate plain --prompt "abc" --length 12 --temperature 0
check 0 '"prompt":"a"' "$folio" generate plain --prompt a --length 5 --top-k 2 --top-p 0.9 --seed 3 --json
check 0 "same" sh -c "'$folio' generate plain --seed 4 >a.out && '$folio' generate plain --seed 4 | cmp - a.out && echo same"
check 1 'got "x"' "$folio" generate plain --prompt x
check 1 "trained on a text" "$folio" generate reviews --prompt a
for wrong in "--top-p 1.5" "--top-k -1" "--temperature -1" "--length -1"; do
  check 2 "${wrong% *}" "$folio" generate plain $wrong
done
# Pairs of texts.
for a in eins:one zwei:two drei:three vier:four; do for b in eins:one zwei:two drei:three vier:four; do
  for i in $(seq 8); do printf '%s %s\t%s %s\n' ${a%:*} ${b%:*} ${a#*:} ${b#*:}; printf '%s\t%s\n' ${a%:*} ${a#*:}; done
done; done >pairs.txt
check 0 "exact_match" "$folio" train translate --data pairs.txt --epochs 30 --batch-size 8 --learning-rate 0.01 \
  --set unit=word --set blocks=1 --set width=16 --set heads=2 --set warm_up=20 --set dropout=0 --set smoothing=0 --run pairs
mv pairs/model.keras "said so.keras"
check 0 "three two" "$folio" translate "said so.keras" "drei zwei"
check 0 '[{"input":"eins","prediction":"one"}]' "$folio" translate "said so.keras" --text eins --beam 1 --json
printf 'eins\ndrei zwei\n' >sources.txt
check 0 "2 texts -> said.txt" "$folio" translate "said so.keras" --input sources.txt --output said.txt
check 0 "same" sh -c "printf 'one\nthree two\n' | cmp - said.txt && echo same"
check 0 "three two" sh -c "'$folio' translate 'said so.keras' --input - <sources.txt"
check 1 "known to be of this command" "$folio" translate "said so.keras" --input sources.txt --output said.txt
check 0 'drei zwei,three two' sh -c "printf 'drei zwei\n' | '$folio' predict 'said so.keras' --input - --output said.csv && cat said.csv"
check 0 "bleu" "$folio" evaluate "said so.keras" --data pairs.txt
check 1 ":1: expected source<TAB>target" "$folio" evaluate "said so.keras" --data sources.txt
check 2 "expected a text" "$folio" translate "said so.keras"
check 2 "--beam" "$folio" translate "said so.keras" eins --beam 0
check 1 "trained on pairs of texts" "$folio" translate reviews "lovely"
check 2 "source<TAB>target" "$folio" train translate --data nowhere --run nothing
check 0 "seq2seq" "$folio" summary reverse --set network=recurrent
grep -v ',ant$' insects.csv >bees.csv
"$folio" predict table --input bees.csv --output bees-said.csv --quiet
right=$(awk -F, 'NR > 1 { n += $4 == $5; r += 1 } END { printf "%.6g", n / r }' bees-said.csv)
check 0 "accuracy: $right" "$folio" evaluate "elsewhere/a b.keras" --data bees.csv
check 1 "expected a model file or the folder of a run" "$folio" evaluate elsewhere --data insects.csv
check 1 'expected one of length, width, shape, kind' "$folio" train table --data insects.csv --target color --run other
check 1 "expected a .csv or .tsv file" "$folio" train table --data out.keras --run other
check 1 "holds a run already" "${table[@]}" --run table
check 1 "no settings.json" "${table[@]}" --run nowhere --resume
# A folder of pictures: two classes that differ in brightness, some damaged, some of other kinds.
pictures=$here/../pictures/golden
mkdir -p photos/dark photos/bright photos/empty
for i in 1 2 3 4 5 6 7 8 9 10; do
  cp "$pictures/png/grey-16-dark.png" "photos/dark/$i.png"
  cp "$pictures/jpeg/odd-size.jpg" "photos/bright/$i.JPG"
done
echo "no picture" >photos/dark/bad.png
echo "notes" >photos/notes.txt
check 0 "photos/dark/bad.png: expected a PNG or JPEG picture" "$folio" train pictures --data photos --set filters=4 --epochs 8 --run photo --seed 2
check 0 "always the most frequent class" "$folio" train pictures --data photos --set filters=4 --epochs 2 --run other-photo --quiet
check 1 "expected the model's classes (bright, dark)" "$folio" evaluate photo --data "$pictures"
check 0 "accuracy: 1" "$folio" evaluate photo --data photos
cp photo/model.keras elsewhere/photo.keras
check 0 "%  bright" "$folio" predict elsewhere/photo.keras photos/bright/1.JPG
check 0 '"prediction":"dark","probabilities":{"bright":' "$folio" predict photo photos/dark/2.png --json
check 0 "photos/dark/9.png" "$folio" predict photo --input photos
check 0 "20 rows" "$folio" predict photo photos --output photos.csv
check 0 "file,prediction,probability_bright,probability_dark" head -n 1 photos.csv
check 1 "photos/dark/bad.png: expected a PNG" "$folio" predict photo photos/dark/bad.png
check 1 "expected a model that was trained on pictures" "$folio" predict table photos/dark/1.png
check 0 "accuracy" "$folio" train resnet20 --data photos --set width=0.25 --set size=16 --epochs 1 --run small --quiet
# Pictures changed at random: while training, and beforehand.
check 0 "changed at random in training: rotation_range=10" "$folio" train pictures --data photos --set filters=4 --epochs 1 --run turned
check 0 "changed at random in training: vertical_flip=true" "$folio" train pictures --data photos --set filters=4 --epochs 1 --run flipped --set augment=vertical_flip=true
check 1 "left alone" sh -c "'$folio' train pictures --data photos --set filters=4 --epochs 1 --run plain-photo --set augment=none 2>&1 | grep -q 'changed at random' || { echo left alone; exit 1; }"
check 2 'did you mean "rotation_range"' "$folio" train pictures --data photos --run no --set augment=rotaton_range=3
check 2 "zoom_range: expected factors above 0" "$folio" train pictures --data photos --run no --set augment=zoom_range=2
check 1 "no such run" sh -c "[ -e no ] || { echo no such run; exit 1; }"
check 0 "20 pictures and 40 changed ones" "$folio" augment photos --output more --copies 2 --set rotation_range=20 --set horizontal_flip=true
check 0 "it is left out" "$folio" augment photos --output again --copies 2 --set rotation_range=20 --set horizontal_flip=true
check 0 "the same" sh -c "diff -r more again && echo the same"
check 0 "60 pictures and 60 changed ones" "$folio" augment more --output more-still --set crop_padding=3 --quiet
check 0 "121" sh -c "find more-still -name '*.png' -o -name '*.JPG' | wc -l"
check 0 '"changed":20,"left_out":1,"contact_sheet":"other/contact-sheet.png"' "$folio" augment photos/ --output other/ --seed 4 --json
check 1 "is not divided" sh -c "'$folio' augment photos --output seeded --seed 5 2>&1; diff -rq other seeded >/dev/null"
check 0 "accuracy" "$folio" train pictures --data more --set filters=4 --epochs 1 --run more-run --quiet
mkdir -p parted/train parted/test
cp -r photos/bright photos/dark parted/train && cp -r photos/bright photos/dark parted/test
check 0 "40 pictures and 20 changed ones" "$folio" augment parted --output parted-more
check 0 "10" sh -c "ls parted-more/test/bright | wc -l"
check 0 "whole" sh -c "'$folio' augment parted --output parted-once 2>&1 | grep -q 'is not divided' || echo whole"
check 1 "more: is there already" "$folio" augment photos --output more
check 1 "expected a folder outside of photos" "$folio" augment photos --output photos/more
check 1 "expected a folder of pictures, an .npz with pictures x, or a known data set" "$folio" augment nowhere --output made
check 1 "leave it to training" "$folio" augment photos --output made --set rescale=0.5
check 2 'did you mean "shear_range"' "$folio" augment photos --output made --set shear_rang=3
check 2 "--copies" "$folio" augment photos --output made --copies 0
check 0 "augment photos --output more --copies 3 --set" "$folio" augment --help
check 0 "--set crop_padding=" "$folio" augment --help
check 1 "expected pictures x" "$folio" augment "$arrays/good.npz" --output made
check 1 "nothing made" sh -c "[ -e made ] || ls | grep -q part- || { echo nothing made; exit 1; }"
# A network with a new head for them.
check 0 "" "$folio" new lenet5 --output base.keras
check 0 "frozen, with a new head" "$folio" train transfer --data photos --set base=base.keras --set thaw="dense,dense*" --set head_epochs=2 --epochs 1 --run moved
cp moved/model.keras elsewhere/moved.keras
check 0 '"probabilities":{"bright":' "$folio" predict elsewhere/moved.keras photos/dark/2.png --json
check 2 "--set base: expected a network" "$folio" train transfer --data photos --run no-base
check 1 "which matches none" "$folio" train transfer --data photos --set base=base.keras --set thaw="block*" --run no-base
check 1 "there is no layer" "$folio" train transfer --data photos --set base=base.keras --set cut=nothing --run no-base
check 2 "no-base" ls no-base
# Pictures with captions: squares of three colours, and a network that has learnt to tell them apart.
mkdir -p squares/red squares/green squares/blue
python3 - <<'PICTURES'
import struct, zlib
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
lines = []
for c, colour in enumerate(("red", "green", "blue")):
    for i in range(8):
        rows = b""
        for y in range(16):
            rows += b"\0"
            for x in range(16):
                pixel = [20, 20, 20]
                if 4 <= y < 12 and 4 <= x < 12: pixel[c] = 180 + 8 * i
                rows += bytes(pixel)
        with open(f"squares/{colour}/{i}.png", "wb") as file:
            file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0))
                       + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
        lines += [f"{colour}/{i}.png\ta {colour} square\n", f"{colour}/{i}.png\tone square is {colour} .\n"]
open("squares/captions.tsv", "w").write("".join(lines))
PICTURES
check 0 "accuracy" "$folio" train pictures --data squares --set filters=4 --set augment=none --epochs 6 --run colours --quiet
caption=("$folio" train caption --data squares --set base=colours/model.keras --set units=16 --set embedding=8 --set least=1
  --set dropout=0 --set smoothing=0 --batch-size 8 --learning-rate 0.02)
check 0 "for comparison, the captions of the nearest picture: bleu" "${caption[@]}" --epochs 30 --run captions
mv captions/model.keras "elsewhere/says it.keras"
rm colours/model.keras
check 0 "red" "$folio" predict "elsewhere/says it.keras" squares/red/2.png
check 0 "squares/green/3.png  " "$folio" predict "elsewhere/says it.keras" squares/green squares/blue/1.png
check 0 '[{"input":"squares/blue/1.png","prediction":"' "$folio" predict "elsewhere/says it.keras" squares/blue/1.png --json --beam 2
check 0 "24 pictures -> said-of.csv" "$folio" predict "elsewhere/says it.keras" squares --output said-of.csv
check 0 "file,prediction" head -n 1 said-of.csv
check 0 "bleu" "$folio" evaluate "elsewhere/says it.keras" --data squares
check 2 "got one of captions" "$folio" predict "elsewhere/says it.keras" squares/red/1.png --threshold 0.5
check 2 "--output: expected a name that ends in .csv" "$folio" predict "elsewhere/says it.keras" squares/red/1.png --output x.npy
check 1 "found no captions.tsv" "$folio" evaluate "elsewhere/says it.keras" --data photos
check 2 "--set base: expected a network" "$folio" train caption --data squares --run no-captions
check 2 "a folder of pictures with a captions.tsv" "$folio" train caption --data nowhere --set base=base.keras --run no-captions
check 1 "found no captions.tsv" "$folio" train caption --data photos --set base=photo/model.keras --run no-captions
mkdir -p wrong && cp squares/red/1.png wrong
for line in '1.png a square|:1: expected picture<TAB>caption' '1.png\t|:1: expected a caption' \
  '../squares/red/1.png\ta square|:1: expected a picture in the folder' '2.png\ta square|found none of 1, such as "2.png"' \
  '1.png\tsome\ta square|:1: expected train, val or test' '|the file is empty'; do
  printf "${line%|*}\n" >wrong/captions.tsv
  check 1 "${line#*|}" "$folio" train caption --data wrong --set base=photo/model.keras --run no-captions
done
check 2 "no-captions" ls no-captions
# A folder of sounds: two classes of tones at several rates, one damaged, some of other kinds.
python3 - <<'END'
import math, os, struct, wave
def tone(path, frequency, seconds, rate, channels=1):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with wave.open(path, "wb") as file:
        file.setnchannels(channels), file.setsampwidth(2), file.setframerate(rate)
        file.writeframes(b"".join(struct.pack("<h", round(16000 * math.sin(2 * math.pi * frequency * i / rate))) * channels
                                  for i in range(round(seconds * rate))))
for i in range(20):
    who = ("ann", "bob", "cleo")[i % 3]
    tone(f"sounds/low/{who}_{i}.wav" if i % 2 else f"sounds/low/{who}_{i}.WAV", 220 + 5 * i, 0.2, (8000, 11025, 44100)[i % 3], 1 + i % 2)
    tone(f"sounds/high/{who}_{i}.wav", 1500 + 10 * i, 0.3, 8000)
tone("lengthy/long.wav", 1500, 2, 22050)
END
cp "$here/../sound/golden/kinds/vorbis.ogg" sounds/high/ann_20.ogg
cp "$here/../sound/golden/kinds/flac-24.flac" sounds/high/bob_20.flac
echo "no sound" >sounds/low/cleo_bad.wav
echo "notes" >sounds/notes.txt
sound=("$folio" train sound --data sounds --set units=4 --set dropout=0 --seed 2)
check 0 "sounds/low/cleo_bad.wav: expected a sound (WAV, FLAC or Ogg)" "${sound[@]}" --set noise=0 --set speed=0 --epochs 30 --batch-size 4 --run heard
check 0 "a linear model of features' means and deviations" "${sound[@]}" --epochs 1 --run recurrent --set network=gru --set features=mfcc --quiet
check 0 "--set group=1" "${sound[@]}" --epochs 1 --run apart --set group=1 --set test=0.3 --set validation=0.5
check 1 "expected one of conv, gru, lstm" "${sound[@]}" --run no --set network=cnn
check 2 "expected fsdd, or a folder" "$folio" train sound --data nowhere --run no
check 1 "a folder of sounds for each of two classes or more" "$folio" train sound --data photos --run no
check 1 "no such run" sh -c "[ -e no ] || { echo no such run; exit 1; }"
mv heard/model.keras elsewhere/heard.keras
check 0 "accuracy: 1" "$folio" evaluate elsewhere/heard.keras --data sounds
check 0 "%  high" "$folio" predict elsewhere/heard.keras sounds/high/bob_1.wav
check 0 '"prediction":"low","probabilities":{"high":' "$folio" predict elsewhere/heard.keras sounds/low/cleo_2.WAV --json
check 0 "sounds/high/ann_20.ogg" "$folio" predict elsewhere/heard.keras sounds/high sounds/low/ann_0.WAV
check 0 "lengthy/long.wav: the model hears the first 0.3 seconds of it" "$folio" predict elsewhere/heard.keras lengthy/long.wav
check 0 "42 rows" "$folio" predict elsewhere/heard.keras sounds --output sounds.csv
check 0 "file,prediction,probability_high,probability_low" head -n 1 sounds.csv
check 1 "sounds/low/cleo_bad.wav: expected a sound" "$folio" predict elsewhere/heard.keras sounds/low/cleo_bad.wav
check 1 "none.wav" "$folio" predict elsewhere/heard.keras none.wav
check 1 "expected a model that was trained on sounds" "$folio" predict photo sounds/high/bob_1.wav
check 1 "expected the model's classes (high, low)" "$folio" evaluate elsewhere/heard.keras --data "$here/../sound/golden"
# The same pictures without their classes: made small and whole again.
check 0 "4 principal components" "$folio" train autoencoder --data photos --set network=dense --set code=4 --set hidden=8 --epochs 2 --run whole
check 0 "1 rows -> whole.png" "$folio" predict whole photos/dark/1.png --output whole.png
check 0 "PNG" head -c 4 whole.png
check 1 "whole.png: is there already" "$folio" predict whole photos/dark/2.png --output whole.png
check 0 "1 rows -> whole.png" "$folio" predict whole photos/dark/2.png --output whole.png --overwrite
check 1 "give a folder: --output drawn/" "$folio" predict whole photos --output drawn.png
check 0 "20 rows -> drawn/" "$folio" predict whole photos --output drawn/
check 0 "1-2.png" ls drawn
check 1 "1.png: is there already" "$folio" predict whole photos --output drawn/
check 1 "expected a model that makes pictures" "$folio" predict photo photos/dark/1.png --output said.png
check 2 "got one of arrays" "$folio" predict whole photos/dark/1.png --output x.png --threshold 0.5
cp whole/encoder.keras elsewhere/encoder.keras
check 0 "photos/dark/1.png" "$folio" predict elsewhere/encoder.keras photos/dark/1.png
check 0 "1 rows" "$folio" predict elsewhere/encoder.keras photos/dark/1.png --output code.npy
check 0 "1 rows" "$folio" predict whole/decoder.keras --input code.npy --output drawn.png
check 0 "same" sh -c "'$folio' predict whole photos/dark/1.png --output again.png >said.txt && cmp drawn.png again.png && echo same"
check 0 "psnr" "$folio" evaluate whole --data photos
check 0 "hole_psnr" "$folio" train autoencoder --data photos/dark --set task=inpaint --set filters=2 --epochs 1 --run holes
check 0 "the median of 3 x 3 pixels" "$folio" train autoencoder --data photos --set task=denoise --set filters=2 --epochs 1 --run noise
check 1 "expected one of compress, denoise, inpaint" "$folio" train autoencoder --data photos --set task=denoize
mkdir lone && cp photos/dark/1.png lone
check 1 "at least 10 pictures" "$folio" train autoencoder --data lone --run other
# NAME TEXT COMMAND…: killed at some moment, and going on, it prints TEXT and ends with the same bits as run NAME.
survives_kills() {
  local name=$1 text=$2; shift 2
  for pause in 0.05 0.1 0.15 0.2 0.3 0.4; do
    "$@" --run killed --quiet --checkpoint-steps 3 >/dev/null 2>&1 &
    sleep $pause; kill -9 $! 2>/dev/null; wait $! 2>/dev/null
    resume=; [ -e killed/settings.json ] && resume=--resume
    check 0 "$text" "$@" --run killed --quiet --checkpoint-steps 3 $resume
    check 0 "same" sh -c "cmp $name/history.json killed/history.json && echo same"
    check 0 "parameters" "$folio" convert $name/last.keras a.weights.h5
    check 0 "parameters" "$folio" convert killed/last.keras b.weights.h5
    check 0 "same" sh -c 'cmp a.weights.h5 b.weights.h5 && echo same'
    rm -rf killed
  done
}
survives_kills table "accuracy" "${table[@]}"
# The same of parts that are read as the training goes.
mkdir many && for part in $(seq 60); do cp "$arrays/good.npz" many/train-$part.npz; done
stream=("$folio" fit out.keras --data "many/train-*.npz" --epochs 6 --batch-size 5 --seed 5)
check 0 "loss" "${stream[@]}" --run stream
survives_kills stream "loss" "${stream[@]}"
fit=("$folio" fit "$models/mlp_adam.keras" --data "$models/mlp_adam.npz" --epochs 3)
check 0 "loss" "${fit[@]}" --run fitted --output fitted.keras
check 0 "loss" "${fit[@]}" --run fitted --resume
cp -r fitted asked
check 0 "has ended after 3 epochs; nothing is changed" "${fit[@]}" --run fitted --resume
check 1 "expected the seed that it was begun with, 1, got 2" "${fit[@]}" --run fitted --resume --seed 2
check 1 "expected the loss" "${fit[@]}" --run fitted --resume --loss mse
check 1 "expected the model checksum" "$folio" fit fitted/last.keras --data "$models/mlp_adam.npz" --epochs 3 --run fitted --resume
check 0 "accuracy" "${table[@]}" --run table --resume
check 1 "expected the --set dropout" "${table[@]}" --run table --resume --set dropout=0.3
check 1 "expected the optimizer" "${table[@]}" --run table --resume --optimizer sgd
check 1 "expected the seed" "$folio" train table --run table --resume --seed 4
check 0 "same" sh -c 'diff -r fitted asked && echo same'
check 1 "holds a run already" "${fit[@]}" --run fitted
check 1 "batch size" "${fit[@]}" --run fitted --resume --batch-size 5
cp -r "$here/../report/golden/lenet5" run
check 0 "report: run/report.html" "$folio" report run
check 0 "<canvas" cat run/report.html
check 0 '"finished":true' "$folio" report run --output page.html --json
check 0 "test accuracy" "$folio" compare run run
check 0 '"name":"lenet5 (2)"' "$folio" compare run run --output page.html --json
mkdir part && cp h.json part/history.json
check 0 "report: part/report.html" "$folio" report part
check 1 "expected the folder of a run" "$folio" report .
check 1 "got no folder" "$folio" compare run none
check 2 "at least two run folders" "$folio" compare run
head -c 3000 run/report.json >part/report.json
check 1 "part/report.json: expected a JSON object; the file is damaged" "$folio" report part --output cut.html
check 1 "part/report.json" "$folio" compare run part --output cut.html
check 1 "found a folder" "$folio" report run --output part

cp out.keras same.keras
# What is read is not written, nothing is written twice, and what is there is not of somebody else's.
cp "$models/mlp_adam.npz" mine.npz && cp mine.npz kept.npz && cp "$models/mlp_adam.keras" other.keras
check 2 "expected --output FILE for the trained model, or --run FOLDER" "$folio" fit out.keras --data mine.npz
check 1 "got one that the command works with" "$folio" fit out.keras --data mine.npz --output new.keras --history mine.npz
cp "$arrays/x.npy" xin.npy && printf 'text' >other.npy
check 1 "got one that the command works with" "$folio" predict out.keras --input xin.npy --output ./xin.npy
check 1 "the same for --output and --history" "$folio" fit out.keras --data mine.npz --output ./both.keras --history both.keras
check 1 "got one that the command works with" "$folio" fit out.keras --data "parts/train-*.npz" --output new.keras --history parts/train-1.npz
check 1 "is not a model file that Folio wrote" "$folio" fit out.keras --data mine.npz --output other.keras
check 1 "is not a history" "$folio" fit out.keras --data mine.npz --history kept.npz
check 1 "is not predictions" "$folio" predict out.keras --input "$arrays/x.npy" --output other.npy
check 0 "same" sh -c "cmp mine.npz kept.npz && cmp xin.npy '$arrays/x.npy' && cmp other.keras '$models/mlp_adam.keras' && echo same"
check 0 "loss" "$folio" fit out.keras --data mine.npz --output other.keras --overwrite
check 0 "loss" "$folio" fit out.keras --data mine.npz --output other.keras
mkdir full && cp out.keras full/model.keras
check 1 "found a model.keras that is of no run" "$folio" fit out.keras --data mine.npz --run full

# Numbers, each within its range in words.
for wrong in "--batch-size 9223372036854775807" "--batch-size 0" "--epochs 0" "--epochs 1.5" "--learning-rate nan" "--learning-rate 0" \
  "--validation-split nan" "--validation-split 1" "--class-weight 99999999999=9" "--class-weight 0=nan" "--class-weight 0" "--seed -1" \
  "--threads 0" "--checkpoint-steps -1" "--early-stopping 0" "--steps-per-epoch x"; do
  check 2 "expected " "$folio" fit out.keras --data mine.npz --history n.json $wrong
done
check 2 "--epochs: expected" "$folio" train lenet5 --epochs 0
check 2 "dropout: expected a number from 0 to below 1" "$folio" train table --data insects.csv --run r --set dropout=-1
check 2 "hidden: expected a whole number from 1" "$folio" train table --data insects.csv --run r --set hidden=0
check 1 "expected classes from 0 to" "$folio" fit out.keras --data mine.npz --history n.json --class-weight 99=9
mkdir nothing && check 1 "train-images-idx3-ubyte" "$folio" train lenet5 --data nothing --run r

# A training outlives its terminal; results that did not arrive are no success.
check 0 "done" sh -c "'$folio' fit out.keras --data mine.npz --epochs 3 --output deaf.keras 2>&- && test -s deaf.keras && echo done"
check 0 "loss" "$folio" evaluate deaf.keras --data mine.npz
if [ -w /dev/full ]; then
  check 0 "done" sh -c "'$folio' fit out.keras --data mine.npz --epochs 3 --output full.keras 2>/dev/full && echo done"
  check 1 "standard output" sh -c "'$folio' evaluate out.keras --data mine.npz >/dev/full"
  check 1 "standard output" sh -c "'$folio' --help >/dev/full"
fi
check 1 "standard output" sh -c "'$folio' evaluate out.keras --data mine.npz >&-"
check 1 "choose a place that takes larger files" sh -c "ulimit -f 1; exec '$folio' convert out.keras limited.keras"
check 1 "limited" sh -c "ulimit -f 1; exec '$folio' fit out.keras --data mine.npz --run limited"
check 0 "nothing left" sh -c 'ls -A . limited | grep -q partial || echo "nothing left"'
# A path that is no UTF-8.
odd=$(printf 'caf\351.npz') && cp mine.npz "$odd"
check 0 '"loss"' "$folio" fit out.keras --data "$odd" --run odd --json
check 0 '"finished":true' "$folio" report odd --json
# Begun in the same second.
for i in 1 2 3 4 5 6; do "$folio" train table --data insects.csv --target kind --epochs 1 --quiet >at-once-$i 2>&1 & done
wait
check 0 "6" sh -c 'cat at-once-* | grep "run folder" | sort -u | wc -l'

# Interrupted in its baselines: nothing half trained is reported.
"$folio" train table --data insects.csv --target kind --epochs 400 --seed 3 --run stopped >stopped.out 2>/dev/null &
process=$!
while [ ! -e stopped/checkpoint-1.keras ] && kill -0 $process 2>/dev/null; do sleep 0.01; done
kill -INT $process 2>/dev/null
wait $process; status=$?
if [ -e stopped/report.json ]; then echo "too late to interrupt" >&2; else check 0 "130 nothing" sh -c "echo $status \$(cat stopped.out)nothing"; fi

# Words as targets: a word for each class, numbered as in training.
awk 'BEGIN { print "a,b,c,d,e,f,kind"; for (i = 0; i < 60; ++i) print i % 7 "," i % 5 "," i % 3 ",1,2,3," (i % 2 ? "ant" : "bee") }' >words.csv
check 1 "expected a word for each of the" "$folio" evaluate out.keras --data words.csv
# Once trained on, they are the model's: rows without one of them change no number.
check 0 "loss" "$folio" fit "$models/mlp_binary.keras" --data words.csv --epochs 3 --output worded.keras
grep -v ',ant$' words.csv >only-bees.csv
"$folio" predict worded.keras --input only-bees.csv --target kind --output said.csv --quiet
right=$(awk -F, 'NR > 1 { n += $7 == $8; r += 1 } END { printf "%.6g", n / r }' said.csv)
check 0 "accuracy: $right" "$folio" evaluate worded.keras --data only-bees.csv
sed 's/bee$/cow/' words.csv >cows.csv
check 1 "expected one of the model's classes ant, bee, got \"cow\"" "$folio" evaluate worded.keras --data cows.csv
# Models that have not been trained.
check 0 "untrained" "$folio" new lenet5 --output new.keras --seed 4
check 0 "61,706" "$folio" summary new.keras
check 0 "escaling" "$folio" summary new.keras
check 2 "follow from the data" "$folio" new table --output never.keras
check 2 "did you mean" "$folio" new lenet --output never.keras

check 1 "is the model itself" "$folio" fit same.keras --data "$models/mlp_adam.npz" --output same.keras
check 0 "same" sh -c 'cmp out.keras same.keras && echo same'
check 3 "row" "$folio" fit out.keras --data "$arrays/nan.npz" --no-shuffle --output nan.keras
check 1 "in row 5" "$folio" fit out.keras --data "$arrays/labels.npz" --output labels.keras
check 1 "expected shape (None, 6)" "$folio" fit out.keras --data "$arrays/shape.npz" --output shape.keras
check 1 "at least one row" "$folio" fit out.keras --data "$arrays/empty.npz" --output empty.keras
check 1 "none.npz" "$folio" fit out.keras --data none.npz --output none.keras
check 1 "expected a name that ends in .keras" "$folio" fit out.keras --data "$models/mlp_adam.npz" --output out.txt
check 1 "no/such" "$folio" fit out.keras --data "$models/mlp_adam.npz" --output no/such/out.keras
head -c 5000 out.keras >cut.keras
check 1 "cut.keras" "$folio" evaluate cut.keras --data "$models/mlp_adam.npz"
printf 'not a model' >text.keras
check 1 "text.keras" "$folio" summary text.keras
check 0 "nothing left" sh -c 'ls cut.html wrong.keras wrong.zip never.keras nan.keras labels.keras shape.keras empty.keras none.keras out.txt no 2>/dev/null; ls -A | grep -q "\.tmp" || echo "nothing left"'

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
