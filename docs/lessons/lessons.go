// Package lessons is data only: the lessons that `kubecraft learn` shows and does. generator/lesson says what is in a file. The pages
// beside them are made from them.
package lessons

import "embed"

// Files are the lessons, NN-NAME.txtar.
//
//go:embed *.txtar
var Files embed.FS
