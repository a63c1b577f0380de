// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <felhom/authz/keys/public_key.hpp>
#include <felhom/core/contains.hpp>
#include <felhom/core/overloaded.hpp>

#include <range/v3/numeric/accumulate.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

// Keys that everybody may have the private half of: it stands in the documents and tests named here. Whoever took one
// for an example would trust all their readers.
//
// A row is the first eight bytes of what is random in a key: the point of Ed25519, the x of ECDSA, the modulus of RSA.
// So it is found in a token's key type and with another RSA exponent, too, and can be compared with its publication by
// eye. A key of one's own meets a row by chance once in 2^50 times.
namespace felhom::authz {

namespace detail {

/// Sections 7.1 and 7.2.
inline constexpr auto rfc_8032_keys = std::to_array<std::uint64_t>({
    0xd75a980182b10ab7,
    0x3d4017c3e843895a,
    0xfc51cd8e6218a1a3,
    0x278117fc144c7234,
    0xec172b93ad5e563b,
    0xdfc9425e4f968f7f,
});

/// regress/ of OpenSSH 9.2p1, as listed in tests/data/sshsig/published/openssh.pub.
inline constexpr auto openssh_keys = std::to_array<std::uint64_t>({
    0x01d9d95372a0379d, 0x0c595b9643ab5bdc, 0x15f1fbb549cdf540, 0x2168fe4e4b53cf3a, 0x33d05e61153152e6,
    0x5386ea463b45fe14, 0x67553e428e2d4319, 0x8962cd220ddc3415, 0x9326d1f5d2f5a120, 0x9397e491eab4e094,
    0x9b1a0d85d062bb9c, 0xa0d56b98d1713e55, 0xc327456532ffb4ae, 0xc4f3fd0533b630eb, 0xcf54ac8b9e6dde64,
    0xd8c94eface8a7554, 0xdecb9df3c155d0df, 0xdfcea59a3447b49a, 0xdfe7a97fe5462a81, 0xf4d1145e9efc4809,
});

/// C2SP/wycheproof, commit dac1dd47: every key that tests/data/sshsig/wycheproof verifies with. Those of Ed25519 stand
/// in its eddsa_test.json with their private halves; none of the others is anybody's own either.
inline constexpr auto wycheproof_keys = std::to_array<std::uint64_t>({
    0x0000000002fba6a0, 0x000000002b089edd, 0x00000003fa15f963, 0x00011e78c7a24d47, 0x0004c3ec8d7d23ce,
    0x000ac2c5a4c79309, 0x000f1a645168cb60, 0x0010b17d53711f51, 0x0019b553db7e685e, 0x002a07f13f3e8df3,
    0x002d2d7d40bf17c4, 0x00303ba5ef90b051, 0x00304b3d071ed1ef, 0x0032b9a17c201aec, 0x00336d5d08fe75c5,
    0x0035016d85e577a5, 0x003877bf6711c3c0, 0x00491cd6c5f93b74, 0x0049bbb2d3267a6e, 0x004bb904073cb6da,
    0x0051b2c3e0494564, 0x0051fe6a35a85070, 0x0056f677b935021e, 0x0058a1fa96111bf3, 0x005c6457ec088d53,
    0x005c9bc016ef6611, 0x005dfbc867d53c57, 0x005e7eb6c4f48183, 0x0060daf59638158e, 0x0068d7b518214766,
    0x006f8fadedbae637, 0x00726dda8b7b6ed2, 0x0078be6c43e366cf, 0x007d2b510d12496d, 0x00809fba320fe96d,
    0x008422cea9dcf8ae, 0x008903f9a991de77, 0x008a0a0f504a308b, 0x008aed779a32b9bf, 0x008e859e66d1237f,
    0x0093697b0378312b, 0x0093f68961005f30, 0x009b0ce9009af6a1, 0x009eeb7f956230c3, 0x009f7559ec0a616d,
    0x009f8e02c30a20c6, 0x00a2a67b569a113f, 0x00a2ee867f515fe3, 0x00a41ad2be45772b, 0x00a7c8204f2864dc,
    0x00a94eea843a5c49, 0x00b420fb1fecdd9c, 0x00b4ffc0fff08760, 0x00b5b1c3998589b2, 0x00c6858e06b70404,
    0x00c7c8817bf2f065, 0x00d3f0cf50e9a4a6, 0x00dea73c158a271a, 0x00ed3e09809fe598, 0x00f07e0b593332d0,
    0x00f1dbdff93371ae, 0x010ec0b19ae35ee4, 0x0110fb89aff135ed, 0x01136164d3ebd065, 0x011edc3b22b20f9a,
    0x0121e59aaf26b830, 0x012a908bfc5b70e1, 0x012f8b9863a1887e, 0x013527482d58bebe, 0x0137bbb48ef28113,
    0x0141a4d714628c19, 0x0145130dca77d967, 0x0147fbcc65d4818e, 0x014f71d2ca5bd205, 0x015053744d53811d,
    0x015f281dcdc97664, 0x01634117e6478ce0, 0x016454afca385eb5, 0x0165d67972a48fdd, 0x016d2db67561bc12,
    0x016fce9f375bbd29, 0x017b0ebce08b09f2, 0x017d7bf723678df5, 0x01802fc79fc8e55b, 0x018ac11dfe62d1f2,
    0x018cd11252f0a434, 0x01977819459a734b, 0x019a9f1b7b7f574a, 0x019dabc758b8c0f6, 0x01aa9f3a894b727d,
    0x01aadb41fadc35cf, 0x01b54a697305092b, 0x01b706fc3f4aae5b, 0x01ba31a6f9c2d227, 0x01bc19cf4b94bcd3,
    0x01be3fd44e342b0a, 0x01beb0b4c2e49422, 0x01c643e4861ab549, 0x01c693a3fccbc9f6, 0x01c963b64cdc3ecb,
    0x01d2ecad921dd100, 0x01d6329a8afdea27, 0x01daa911a9f08107, 0x01e06db423a902e2, 0x01e43dfecc7e6caa,
    0x01eb2a353dec6b46, 0x01fb2e26596cc804, 0x01fffffffe1d5d52, 0x036b253e3b4ac88b, 0x037b55b427dc8daa,
    0x040771e3390216fe, 0x04aaec73635726f2, 0x0717d75ce27ea181, 0x077091d99004a99e, 0x083539fbee44625e,
    0x09d4064490c77361, 0x0a2fc2edd21336ba, 0x0a82d7df701a1f0c, 0x0a88361eb92ecca2, 0x0aaee4b723db9b51,
    0x0ad99500288d4669, 0x0ae580bae933b4ef, 0x0bb03fce3c01ebcf, 0x0d935bf9ffc115a5, 0x0e726e27047563aa,
    0x0ec505bc19b14a43, 0x0ee5cb5597fbdf8d, 0x0fd1aab89f47b565, 0x100fdf47fb94f153, 0x10878fc4807f6732,
    0x1099bb45100f55f5, 0x127d37e406e0d83e, 0x1301dee63fca91b6, 0x14249bbcfeeceab0, 0x1578bbff72137c4b,
    0x169fb797325843fa, 0x1734a039a88a16c2, 0x19ccc0527599cb03, 0x1b8def5922303d64, 0x1d209be8de2de877,
    0x1ffc8be6cf440e26, 0x2252b3d57c74cbf8, 0x2362bac514d5fad3, 0x24a0bc4d16dbbd40, 0x264d796a0dab9b37,
    0x271cd89c00014309, 0x2783c1be922fce15, 0x2829c31faa2e400e, 0x2927b10512bae3ed, 0x29bdb76d5fa741bf,
    0x2a606bf67ac770c6, 0x2da57dda1089276a, 0x2eb6412505aec05c, 0x2ef747671c97d9c7, 0x31f05c0c29e9da49,
    0x32ad026f693d0d2a, 0x334ab85078a21176, 0x3354c45736316411, 0x33ba451c85e72905, 0x34d74ec088bab6c6,
    0x3623ac973ced0a56, 0x3623bb296b88f626, 0x370d9e2e31c712c8, 0x38ead304624abebf, 0x3942027bc7f33c10,
    0x399be4cfc439f94f, 0x3a72476291571193, 0x3c8ea2db06ef48ec, 0x3cf03d614d8939cf, 0x3d0bc7ed8f09d2cb,
    0x3d2e916055c92e1b, 0x3eb89e36a222831f, 0x3ecfd58a3ce58386, 0x3fd6a1ca7f77fb3b, 0x4150ccd0fa45aa2e,
    0x41fa8765b19d3108, 0x4201b4272944201c, 0x4314072bfccfe420, 0x4376c9893e927729, 0x44ee3335fa77d2fb,
    0x4838b2be35a6276a, 0x4abfb535313705a6, 0x4bf4e52f958427eb, 0x4d3fc5dcfaf74111, 0x4e5e4f1a6e97059a,
    0x4f2162e6bf03a712, 0x4f337ccfd67726a8, 0x4fea55b32cb32aca, 0x501421277be45a5e, 0x50a438c98ee94025,
    0x529919c9c780985a, 0x52ca47dda99172cb, 0x54cda623245759ad, 0x554f2fd0b700a9f4, 0x57d1385205e0cb87,
    0x58f246090d5e4986, 0x5a7c8825e85691cc, 0x5abbf618a084f671, 0x5ac331a1103fe966, 0x5b812fd521aafa69,
    0x5caaa030e7fdf0e4, 0x5e59f50708646be8, 0x5ea90d3b95fe4c25, 0x5eca1ef4c287dddc, 0x60e89510c308089a,
    0x616a8b8e57d82c11, 0x61722eaba731c697, 0x6220972d3f7d150b, 0x629e253d5ef8c233, 0x63d65cdfeb1f1a42,
    0x650323415ec7cb87, 0x6627cec4f0731ea2, 0x662f43ae614bd9c9, 0x66d0d1cec3fe7f8a, 0x675bdc79d8243887,
    0x6761044a040a4979, 0x67e6f659cdde869a, 0x68ec6e298eafe165, 0x6922c591502f0104, 0x6955a72c0dad4ed6,
    0x69da0364734d2e53, 0x6adda82b90261b0f, 0x6b17d1f2e12c4247, 0x6d8e1b12c831a0da, 0x6fa0964dd054250a,
    0x71dc92b2b1baa761, 0x724452210a9e4c99, 0x7393983ca30a520b, 0x7582ab1b52e1316e, 0x7b64a28c50ec7678,
    0x7bac18f6d2625d39, 0x7d4d0e7f6153a69b, 0x80984f39a1ff38a8, 0x812344af15a91ba8, 0x81e78a52ae069558,
    0x8200f148e7eab158, 0x82f37604f66664c2, 0x836f33bbc1dc0d3d, 0x83a744459ecdfb01, 0x84536a270c3932bb,
    0x84db645868eab35e, 0x851c2bbad08e54ec, 0x8651ce490f1b46d7, 0x8733b9c2bc754216, 0x88738f9981dd4d1f,
    0x892dac0e700fc29d, 0x899a4af61867e3f3, 0x8aeb368a7027a4d6, 0x8d3c2c2c3b765ba8, 0x8fd659b77b558ed9,
    0x90a5d7aba2c8dc82, 0x91aa326dabe04a6a, 0x91b9e47c56278662, 0x91e305822e5e44f3, 0x92bf17cdbffb42fa,
    0x92f99fbe973ed4a2, 0x931cc49cda4d87d2, 0x941e6cfa356e572d, 0x94ac2336ba97a476, 0x956353ecb7561945,
    0x98d3f16e1c510a93, 0x994eaf03309d6ad9, 0x9c0007698f177998, 0x9cb8e51e27a5ae3b, 0x9fba1de92b60b5b4,
    0xa0a44ca947d66a2a, 0xa12c2beb77265f2a, 0xa2b451a07d0aa5f9, 0xa3e52c156dcaf105, 0xa6c885ade1a4c566,
    0xa71af64de5126a4a, 0xa7d0faaa124302cd, 0xa8380cd35026e13b, 0xa8a69c5ed33b150c, 0xa982d9378c598e40,
    0xaa87ca22be8b0537, 0xab05fd9d0de26b9c, 0xab54a4f2560b9f65, 0xadd76677e54a92e7, 0xae596697427aa250,
    0xaf2761ea0805214a, 0xb101cdb3eba20e11, 0xb1f52ae15400a0e0, 0xb4d78cccbced8065, 0xb533d4695dd5b8c5,
    0xb98740e69e61a325, 0xbaa4e712ee0786a5, 0xbad265b294ed2f42, 0xbc26eec95e26c980, 0xbcbb2914c79f045e,
    0xbd0862b0bfba8503, 0xbd3d91f003e18adb, 0xc0a773110f975de3, 0xc29ec1894e06d27b, 0xc2c4a860236d3c90,
    0xc2fd20bac06e555b, 0xc4c91981e720e20d, 0xc6a7715270242277, 0xc6fe23792566023c, 0xc8793c0b7d239c26,
    0xc981c75ddfd39103, 0xc9a765c2661b4674, 0xc9c2115290d008b4, 0xc9c946cbc5544ac7, 0xcbe0c29132cd7383,
    0xccbe7cb2e4bc215c, 0xcce27e78386d6849, 0xce24c99032d52ac6, 0xcf04ea77e9622523, 0xcfda5b899e35764c,
    0xcffb758c3073ea3c, 0xd03eb09913cc20c6, 0xd0bc472e0d7c81eb, 0xd0f73792203716af, 0xd0fb17ccd8fafe82,
    0xd1827fc6f6f12f21, 0xd1fd602feef80be9, 0xd22c9c348b974571, 0xd24dd06745cafb39, 0xd35ba58da30197d3,
    0xd3c9aa2f3d6ef217, 0xd42ce21e730f3d2a, 0xd516cb8ac8e4457b, 0xd53280367c1c0b95, 0xd58d47bf49bc8f41,
    0xd5db4d230cadf5bc, 0xd83ba84edfb4bec4, 0xd8adc00023a8edc0, 0xd92b200aefcab6ac, 0xdaf193bd2f16d613,
    0xdb507bfcc9576393, 0xdb5b9eab7e84e5a1, 0xdb7a2c8a1ab573e5, 0xdcbe590865766687, 0xdced8ed038581210,
    0xdd13c6b34c56982d, 0xdd2d678bae222f3f, 0xdd86d3b5f4a13e85, 0xdead11c7a5b39686, 0xdff107959bd2f738,
    0xe075effd9607d08d, 0xe1e7316d231f7f27, 0xe2f87f72e3c66c73, 0xe585a067d6dff37a, 0xe77717b54a2b5e5b,
    0xe78fe2c11beac709, 0xe7e49dd828124327, 0xe9bc95049af7e481, 0xeb99d6bf52d08c11, 0xed0587e75b3b9a1d,
    0xed3a6f9721dc9729, 0xee24ab8a34d05af6, 0xee8155ca4e8fe7bc, 0xf052dfc27bf8a6d3, 0xf19b78928720d5be,
    0xf2ed0e93228f37c2, 0xf3ec2f13caf04d01, 0xf421541311c94fdd, 0xf50d371b91bfb1d7, 0xf6417c8a670584e3,
    0xf877bd6e2a9273e3, 0xf896353cc3a8afdd, 0xfa92538cdc740368, 0xfae12363cc51e266, 0xfb01baad5f0b8f79,
    0xfc6984dd6830d148, 0xfffbeea71215efaf, 0xfffffff948081e6a, 0xffffffffaa63f1a2,
});

/// Ed25519 keys whose seed is one byte, 32 times, as the tests of felhom-agent 0.1.0 have them.
inline constexpr auto own_test_keys = std::to_array<std::uint64_t>({
    0x00e3c56b91ab0a01, 0x014e4d922c596a38, 0x020dacf84f4470ae, 0x03528a84cf35f33d, 0x0a81997d7673889d,
    0x0b513ad9b4924015, 0x0beef5a9e679e6a3, 0x0d7550754e0800a5, 0x0e34c045c22372f7, 0x100ba90b553ccb23,
    0x11fd45714f88a20d, 0x12a41592c8b7c17d, 0x1398f62c6d1a457c, 0x1660d273222b2922, 0x17cb79fb2b4120f2,
    0x19204c8c3ba85ba0, 0x197f6b23e16c8532, 0x1a381879f8a8dc97, 0x1ba4075b77c9e3fb, 0x1bee74bb8f513f1b,
    0x1e2a137c7fe2279f, 0x2012cb90ca60e8e5, 0x204040e364c10f2b, 0x20828bf5c5bdcacb, 0x2152f8d19b791d24,
    0x22fc297792f0b6ff, 0x23b631709df22832, 0x248acbdbaf9e0501, 0x259145ad2655219b, 0x25fc32c478a5a4f8,
    0x29e5833a915a6429, 0x2bc2800b3316e009, 0x2c848ad8664ee651, 0x2c9b9a42d57adffd, 0x2db797636e323ed5,
    0x2df04125f0015afb, 0x2f0a7b29f5365200, 0x31debe55d37c7227, 0x31f3322d4923d36c, 0x332ebe8d27cb7323,
    0x34b4d9043156cb6d, 0x350d62629e4a2ed9, 0x353c8a7feeca38b2, 0x379bd5b7d1494939, 0x38aa2fe43ae0b788,
    0x3a1c28c339928a98, 0x3b6a27bcceb6a42d, 0x3b8c3c1e21aef42e, 0x3d84d35ba3c075e8, 0x3e37e8f0ceeaa3b7,
    0x3e6ea7acba59568c, 0x3ef08959033028c8, 0x3f0dda81e6abbcc5, 0x40b0f498a16f2b94, 0x41e8fde132ad670e,
    0x43046bfe4092b3e9, 0x43a72e714401762d, 0x4508a07aa941707f, 0x466627d52773c9d5, 0x46dc9b9f5684e05b,
    0x46fd485b646d606a, 0x4721b5b632272e65, 0x4745d19c66ec9179, 0x48075a597e721a15, 0x48be36a49577c9d5,
    0x4a72e4035bb435d0, 0x4c71b3dc27513f99, 0x4dd9b6496a27571a, 0x4e6008b01b74e49e, 0x4ed32f63bf35f0ee,
    0x511c34a1a2cb521d, 0x51bfae7fa92c5155, 0x52a539494e3ead2f, 0x52bcd4c68a8a09d9, 0x53470962558a6e08,
    0x53840868cb293a6e, 0x54b0d81d0fa7d00e, 0x55154f42065ea5a1, 0x5526f742941711b3, 0x555f469c22188e90,
    0x58936604abda112b, 0x5912dac020dcdaba, 0x5b6489c9c7fd0dcf, 0x5b8649c0cfcdbe78, 0x5b9437adeaffbe8f,
    0x5c9c6df261c9cb84, 0x5e212c0980e4b39f, 0x5e449ad6fa4b2d65, 0x5f6713294c3cf1a8, 0x60de5ecb8aa98842,
    0x623e770b1719760c, 0x62a611b472d89b0e, 0x6355691c178a8ff9, 0x64a08e659c4e7500, 0x64c30815ff26d5c4,
    0x650b7dca553cae69, 0x65e8f9b0bc6eae12, 0x66be7e332c7a4533, 0x66cd608b928b88e5, 0x673d6ba2fa48ce76,
    0x677a74d964e4a84f, 0x68460ebef3b13816, 0x68f4b6017d0f876a, 0x6b734a8eff246fe7, 0x6cfcb070a2b1adc9,
    0x6d44f939f829d435, 0x6e32c19741f0af82, 0x6e7a1cdd29b0b78f, 0x6ee091fd280a9b68, 0x70082ae9f98861b5,
    0x705fbac01f551989, 0x70df9e2279adbec6, 0x74f85cda34d1c27c, 0x750826c281a4f691, 0x76a1592044a6e4f5,
    0x76d81b33ba721df8, 0x772c8a442b7db06e, 0x7866ae77a15ed359, 0x79d279ccef2cc3b1, 0x7b242f9778bbf9d1,
    0x7be29b98ba0937ea, 0x7d59c5623dd40a74, 0x7dbebbdfb06cb2ae, 0x7ea0e3bd52e207c9, 0x7f747b67bd3fe63c,
    0x805440ee48051fc8, 0x80ea10b9e77df506, 0x8139770ea87d175f, 0x8146640f02493af4, 0x814722de71c5b14e,
    0x8320a51977d8c38c, 0x884b8857f4eaa161, 0x88df556413538b00, 0x8a875fff1eb38451, 0x8a88e3dd7409f195,
    0x8b237d788e8eaaef, 0x8c3da879bd09c821, 0x8ca63145907a2e6c, 0x8d4abe074fef9229, 0x8e4190cd68fdc07d,
    0x8e486e8fb79499db, 0x9109db55f79797a3, 0x91a28a0b74381593, 0x91ea2db826003904, 0x927308f53d676550,
    0x93db9f2ee0f7e39e, 0x9475c6cf0eda3405, 0x953a13f9ce9ea62b, 0x97f7135a9a2690e7, 0x97ffc883c80bee72,
    0x99a7a471e0ad5d0e, 0x9f49439e9db095bc, 0x9ff6204d61b59a9e, 0xa09aa5f47a675980, 0xa0a0c227d8a12543,
    0xa118043359e7cb45, 0xa11dbe28d6b2c2d8, 0xa386c3e9c8eb3f00, 0xa6d2455ea3a5771a, 0xa7f6dfaf8f38b89b,
    0xa87b8a99bd88a696, 0xa8eebe0df1d72f38, 0xaaba072ca1732db6, 0xab3fa2fdab77f987, 0xab7260f20edab820,
    0xacdb0e29743f0ccb, 0xacdcc8494d458f44, 0xacf12b4acc1c660a, 0xaf06a3e3291714e4, 0xb2491d9502ae2863,
    0xb2a942ff4c98718b, 0xb4088cd3b8962e64, 0xb4740ba4e0f7e057, 0xb533d8ad9fcfbdde, 0xb5f90095318f3f04,
    0xb7282fe472f97641, 0xb8fc9d70b330b5d3, 0xba3b611e2882c1b6, 0xba42458e83ba7926, 0xba44dfdf703b84ab,
    0xbb47d33d777b4559, 0xbb787e5901ac3816, 0xbc7cbcb5636375fa, 0xbcd6e7fd1a5abcae, 0xbe9a7e379e19f4cc,
    0xbed7d2ab668da3ef, 0xc050c5637a44fa86, 0xc286554ac7959b2d, 0xc2f38d34dafe4025, 0xc6822637c7d310ec,
    0xc6d0c796bb4c3c92, 0xc84069fa2216c6ed, 0xc853ad0f0cd2b619, 0xc86d01ad8b2fb694, 0xc9077518cfa43876,
    0xc91cb3ce2b84e4ba, 0xc9571eeb4aa9de11, 0xca57eed30e4a7274, 0xca7d75b4ea1d5a86, 0xca93ac1705187071,
    0xca987f7a6cd86342, 0xcf1b37e85dc00aee, 0xd04ab232742bb4ab, 0xd1f82684150380e6, 0xd404bc44565aedbb,
    0xd4eec1869fb1b8a4, 0xd54207da194977dc, 0xd5af25e204ad03d0, 0xd62f016a1efd1e4f, 0xd759793bbc13a281,
    0xd76dfc6e3d5e78f4, 0xd986763d7229cc77, 0xd9bf2148748a85c8, 0xdac31ebca159d283, 0xdb995fe25169d141,
    0xdc517ff527e7bcfa, 0xdcbe4fdaf43c6146, 0xdded14e95286921f, 0xe1902ba63dc9495d, 0xe1b71abfd3232804,
    0xe28a8970753332bd, 0xe2fe2a39b7326642, 0xe34d3a01b6112e14, 0xe5145a37d984d244, 0xe5687b6d11ccfb63,
    0xe63cc9f1bfea63e0, 0xe72c28fe718e3a30, 0xe734ea6c2b6257de, 0xe8da63a40ca687c8, 0xe92eb6054fe9bc68,
    0xea4a6c63e29c520a, 0xeb2cf13bf7ae3a5f, 0xebc198b8b8bfae77, 0xed3234b276d4ceda, 0xed4928c628d1c2c6,
    0xed5721c41369b6c6, 0xed6a47a39da869b5, 0xee31f83c88a71219, 0xee45ecb9aca01a0a, 0xee692b4356f36034,
    0xee93a4f66f8d16b8, 0xef747fff9b4726c7, 0xefafc42f4b192e5b, 0xefe73e55679c12ea, 0xf5eacab77517c5b4,
    0xf78b1da9b3dfb3fa, 0xf80cccdce4ae1c07, 0xf95c6a5dff031fac, 0xf9b439834644d493, 0xfa01347a991e04ae,
    0xfa4834147f6e690c, 0xfc947730f49eb014, 0xfcbe38632417bb5b, 0xfd1503f19f59731c, 0xfd1724385aa0c75b,
    0xfec1428673f6afe8,
});

} // namespace detail

/// A place where private keys are published.
struct key_publication {
    std::string_view name;
    std::span<const std::uint64_t> keys;
};

inline constexpr auto key_publications = std::to_array<key_publication>({
    {"RFC 8032, section 7", detail::rfc_8032_keys},
    {"OpenSSH's own tests", detail::openssh_keys},
    {"the Wycheproof test vectors", detail::wycheproof_keys},
    {"felhom-agent's own tests", detail::own_test_keys},
});

namespace detail {

/// The bytes of a key that are random.
[[nodiscard]] inline auto random_part(const key_material& key) -> std::string_view
{
    return std::visit(
        overloaded{[](const ed25519_key& k) { return k.point; }, [](const sk_ed25519_key& k) { return k.point; },
                   [](const ecdsa_key& k) { return k.point.substr(1); },
                   [](const sk_ecdsa_key& k) { return k.point.substr(1); }, [](const rsa_key& k) { return k.n; }},
        key);
}

} // namespace detail

/// Where the private half of a key is published; nothing if in none of the places that are known here.
[[nodiscard]] inline auto publication_of(const public_key& key) -> std::optional<std::string_view>
{
    const auto beginning =
        ranges::accumulate(detail::random_part(key.material()).substr(0, sizeof(std::uint64_t)), std::uint64_t{0},
                           [](std::uint64_t all, char c) { return (all << 8U) | static_cast<std::uint8_t>(c); });
    const auto* const found = std::ranges::find_if(
        key_publications, [&](const key_publication& one) { return contains(one.keys, beginning); });
    return found == key_publications.end() ? std::nullopt : std::optional{found->name};
}

} // namespace felhom::authz
