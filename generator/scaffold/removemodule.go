package scaffold

// module takes out what only the types needed that have gone.
func (rm *removal) module() error {
	before, now := ownComposition(rm.project), ownComposition(rm.left)
	if before == now {
		return nil
	}
	has, err := rm.wiring()
	if err != nil {
		return err
	}
	staying := append(has.compositions(), withoutTypes, now)
	return rm.editModule(func(name string, mod, sum []byte) ([]byte, []byte, error) {
		return withdrawModule(name, mod, sum, []composition{withTypes, before}, staying, rm.importsByHand)
	})
}
