# Bundles a style sheet: each line `@import "./file.css" layer(name);` is replaced by the file's
# content inside `@layer name { … }` (without `layer(…)`, by the content alone). Other lines are
# kept. Imported files must not import others.
FNR == 1 { folder = FILENAME; sub(/[^\/]*$/, "", folder) }
/^@import / {
    split($0, quoted, "\"")
    file = folder quoted[2]
    name = ""
    if (match($0, /layer\([^)]*\)/)) name = substr($0, RSTART + 6, RLENGTH - 7)
    if (name) print "@layer " name " {"
    while ((status = (getline line < file)) > 0) print line
    if (status < 0) { print FILENAME ": cannot read " file > "/dev/stderr"; exit 1 }
    close(file)
    if (name) print "}"
    next
}
{ print }
