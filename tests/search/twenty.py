"""Twenty more: hungry, frightened, in slang or in another language. Written down before the search knew them."""

TWENTY = [
    ("i want to die", "/help/urgent/"),
    ("im scared", "/help/urgent/"),
    ("someone is hurting me", "/help/urgent/"),
    ("help me", "/help/urgent/"),
    ("nowhere to sleep tonight", "/help/urgent/"),
    ("im starving", "/handbook/emergency-payment/"),
    ("nothing to eat til monday", "/handbook/emergency-payment/"),
    ("no credit on my meter", "/handbook/emergency-payment/"),
    ("pads tampons", "/handbook/emergency-payment/"),
    ("my landlord wants me out", "/handbook/homeless-priority-need/"),
    ("baliffs", "/offer/money/bills-and-debt/"),
    ("panic attacks", "/offer/feeling-well/low-or-worried/"),
    ("police arrested me", "/offer/papers-and-legal/in-prison/"),
    ("when do i stop getting help", "/offer/your-rights/what-changes-when/"),
    ("they said no", "/help/complain/"),
    ("free travel", "/handbook/tfl-half-price-bus-tram/"),
    ("جوعان", "/handbook/emergency-payment/"),
    ("tiền", "/handbook/emergency-payment/"),
    ("مرسته", "/help/urgent/"),
    ("głodny", "/handbook/emergency-payment/"),
]

# As phones without the right keys write them, and what nobody likes to type.
MORE = [
    ("doi bung", "/handbook/emergency-payment/"),
    ("جوع", "/handbook/emergency-payment/"),
    ("اكل", "/handbook/emergency-payment/"),
    ("cash today", "/handbook/emergency-payment/"),
    ("giúp đỡ khẩn cấp", "/help/urgent/"),
    ("لا مكان للنوم", "/handbook/homeless-priority-need/"),
    ("vo gia cu", "/handbook/homeless-priority-need/"),
    ("beaten by boyfriend", "/offer/feeling-well/staying-safe/"),
    ("i got raped", "/offer/feeling-well/staying-safe/"),
    ("abortion", "/offer/health/private-things/"),
]
