import SynSystem
import Testing

@Suite struct KernelSymbolTexts {
  private static let text = """
    ffffffff81000000 T _text
    ffffffff81000100 t nft_do_chain.constprop.0
    ffffffff81000080 D jiffies
    ffffffffc0200000 t nft_meta_get_eval\t[nf_tables]
    ffffffffc0100000 T veth_xmit\t[veth]
    not a line

    ffffffff82000000 T

    """

  @Test(
    arguments: [
      (0xffff_ffff_8100_0000, "_text"), (0xffff_ffff_8100_00ff, "_text"), (0xffff_ffff_8100_0100, "nft_do_chain"),
      (0xffff_ffff_8100_0200, "nft_do_chain"), (0xffff_ffff_c020_0010, "nft_meta_get_eval"),
      (0xffff_ffff_c010_0010, "veth_xmit"),
      // Before all, and too far behind one.
      (0xffff_ffff_80ff_ffff, nil), (0xffff_ffff_c070_0000, nil), (0, nil), (.max, nil),
    ] as [(UInt64, String?)])
  func anAddressLiesInTheFunctionThatBeginsBeforeIt(_ address: UInt64, _ name: String?) {
    #expect(KernelSymbols(KernelSymbolTexts.text).function(at: address) == name)
  }

  @Test func whatTheKernelHidesIsNotGuessed() {
    let hidden = "0000000000000000 T _text\n0000000000000000 t nft_do_chain\n"
    #expect(KernelSymbols(hidden).function(at: 0xffff_ffff_8100_0100) == nil)
    #expect(KernelSymbols("").function(at: 1) == nil)
  }
}
